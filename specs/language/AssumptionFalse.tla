\* expect: assumption Positive
\* why: ASSUME is evaluated before anything else
------------------ MODULE AssumptionFalse ------------------
EXTENDS Naturals
CONSTANT N
ASSUME Positive == N > 0
VARIABLE x
Init == x = 0
Next == UNCHANGED x
============================================================
