\* expect: ok
\* distinct: 4
\* generated: 8
\* why: Nat, Seq and a definition replaced
---- MODULE ReplacedSets ----
EXTENDS Naturals, Sequences
VARIABLES x
SmallNat == 0..3
BSeq(S) == UNION {[1..n -> S] : n \in 0..2}
Foo == 1
Bar == 2
Baz == Foo + 1
ASSUME Baz = 3 /\ Nat = 0..3 /\ <<1>> \in Seq({1}) /\ <<1,1,1>> \notin Seq({1})
Init == x \in Nat
Next == x' = x
====
