\* expect: ok
\* distinct: 3
\* generated: 4
\* depth: 3
\* why: states with equal views are one state
------------------------ MODULE View ------------------------
EXTENDS Naturals
VARIABLES x, clock
Init == x = 0 /\ clock = 0
Next == x' = (x + 1) % 3 /\ clock' = clock + 1
Hand == x
============================================================
