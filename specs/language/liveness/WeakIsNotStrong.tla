\* expect: temporal Visits
\* distinct: 3
\* trace: 2
\* why: Leave is enabled again and again on the cycle 0-1, but not continuously
------------------ MODULE WeakIsNotStrong ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Toggle == x \in {0, 1} /\ x' = 1 - x
Leave == x = 1 /\ x' = 2
Back == x = 2 /\ x' = 0
Next == Toggle \/ Leave \/ Back
Weak == Init /\ [][Next]_x /\ WF_x(Next) /\ WF_x(Leave)
Strong == Init /\ [][Next]_x /\ WF_x(Next) /\ SF_x(Leave)
Visits == []<>(x = 2)
============================================================
