\* expect: ok
\* distinct: 8
\* generated: 17
\* why: LET, conjuncts in any shape and quantified step properties
---- MODULE SpecificationForms ----
EXTENDS Naturals
VARIABLES x, y
vars == <<x, y>>
Fair(A) == WF_vars(A)
Inc(k) == x' = (x + k) % 4 /\ y' = k
Init == x = 0 /\ y = 1
Next == \E k \in 1..2 : Inc(k)
Live == \A k \in 1..2 : Fair(Inc(k))
Spec == /\ Init
        /\ LET n == Next IN [][n]_vars
        /\ Live
P1 == [](x \in 0..3) /\ [][y' # 0]_vars
P2 == x = 0
P3 == \A k \in 1..2 : [][y' = k => x' # x]_vars
====
