\* expect: temporal Refines
\* distinct: 2
\* why: two abstract variables that one variable replaces: ENABLED in the abstract module is about two variables
------------------- MODULE RefinesShared -------------------
EXTENDS Naturals
---- MODULE Pair ----
EXTENDS Naturals
VARIABLES a, b
Part == a' = 1 /\ b' = 0
Live == WF_<<a, b>>(Part)
====
VARIABLE x
Init == x = 0
Next == x' = 1 - x
Spec == Init /\ [][Next]_x /\ WF_x(Next)
P == INSTANCE Pair WITH a <- x, b <- x
Refines == P!Live
============================================================
