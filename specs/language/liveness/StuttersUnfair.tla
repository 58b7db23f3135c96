\* expect: temporal Arrives
\* distinct: 3
\* trace: 1
\* why: without fairness nothing has to happen, not even the first step
------------------- MODULE StuttersUnfair -------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x < 2 /\ x' = x + 1
Spec == Init /\ [][Next]_x
Arrives == <>(x = 2)
============================================================
