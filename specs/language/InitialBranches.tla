\* expect: ok
\* distinct: 4
\* generated: 8
\* why: IF, exists, filters and LET in Init
---- MODULE InitialBranches ----
EXTENDS Naturals
VARIABLES x, y
Init == /\ x \in 1..2
        /\ IF x = 1 THEN y \in {1, 2} ELSE \E z \in 3..4 : y = z
        /\ y # 9
        /\ LET w == x IN w = x
Next == UNCHANGED <<x, y>>
====
