\* expect: invariant I
\* distinct: 4
\* trace: 4
\* why: VIEW, SYMMETRY and ALIAS together
---- MODULE ViewWithSymmetry ----
EXTENDS Naturals, TLC, FiniteSets
CONSTANTS P
VARIABLES s, n
vw == s
Sym == Permutations(P)
Init == s = {} /\ n = 0
Next == \E p \in P \ s : s' = s \cup {p} /\ n' = n + 1
I == Cardinality(s) < 3
Al == [size |-> Cardinality(s), n |-> n, nxt |-> n', act |-> TLCGet("action").name]
====
