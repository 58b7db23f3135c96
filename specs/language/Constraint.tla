\* expect: ok
\* distinct: 3
\* generated: 4
\* depth: 3
\* why: a state outside the constraint is generated, not stored; no deadlock
--------------------- MODULE Constraint ---------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = x + 1
Below == x < 3
============================================================
