\* expect: ok
\* distinct: 2
\* generated: 3
\* depth: 2
\* why: membership in sets that are never listed
---------------------- MODULE LazySets ----------------------
EXTENDS Integers, Sequences, FiniteSets
VARIABLE x

Init == x = 0
Next == x' = 1 - x

(* None of these sets has a list of its elements, or none of reasonable length. *)
Facts ==
    /\ x \in Nat /\ -1 \in Int /\ -1 \notin Nat
    /\ <<x, x>> \in Seq(Nat)
    /\ {x} \in SUBSET Nat
    /\ [i \in 1..3 |-> x] \in [1..3 -> Nat]
    /\ [a |-> x] \in [a : Int]
    /\ <<x, "s">> \in Nat \X STRING
    /\ 10 \in {n \in Nat : n % 2 = 0}
    /\ {5} \in SUBSET (1..100)
    /\ Cardinality(SUBSET (1..20)) = 1048576
    /\ {1, 2} \subseteq Nat
    /\ 3 \in UNION {{1}, {2, 3}}
    /\ -3 \in Nat \cup {-3}
============================================================
