\* expect: ok
\* distinct: 6
\* generated: 12
\* depth: 2
\* why: Next is split through disjunctions and constant sets
------------------ MODULE ActionSplitting ------------------
EXTENDS Naturals
CONSTANT P
VARIABLES pc, turn

Enter(p) == pc[p] = "out" /\ turn = p /\ pc' = [pc EXCEPT ![p] = "in"] /\ UNCHANGED turn
Leave(p) == pc[p] = "in" /\ pc' = [pc EXCEPT ![p] = "out"] /\ turn' \in P \ {p}

Init == pc = [p \in P |-> "out"] /\ turn \in P

(* Splits into Enter and Leave for every p; the state-dependent \E does not split further. *)
Next == \/ \E p \in P : Enter(p) \/ Leave(p)
        \/ \E p \in {q \in P : pc[q] = "in"} : FALSE /\ UNCHANGED <<pc, turn>>

Exclusive == \A p, q \in P : pc[p] = "in" /\ pc[q] = "in" => p = q
============================================================
