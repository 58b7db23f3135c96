\* expect: deadlock
\* distinct: 2
\* generated: 2
\* depth: 2
\* trace: 2
\* why: a state without successors
---------------------- MODULE Deadlock ----------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x = 0 /\ x' = 1
============================================================
