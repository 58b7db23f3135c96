\* expect: ok
\* distinct: 2
\* generated: 2
\* depth: 2
\* why: CHECK_DEADLOCK FALSE
------------------ MODULE DeadlockAllowed ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x = 0 /\ x' = 1
============================================================
