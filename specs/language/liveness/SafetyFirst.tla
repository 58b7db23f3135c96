\* expect: invariant Small
\* trace: 3
\* why: a violated invariant is reported before liveness is looked at
-------------------- MODULE SafetyFirst --------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x < 5 /\ x' = x + 1
Spec == Init /\ [][Next]_x
Small == x < 2
Arrives == <>(x = 9)
============================================================
