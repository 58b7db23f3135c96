\* expect: ok
\* distinct: 3
\* why: the component {0, 1, 2} has a cycle 0-1 on which Leave stays enabled: it is not fair
------------------- MODULE UnfairSubcycle -------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Toggle == x \in {0, 1} /\ x' = 1 - x
Leave == x \in {0, 1} /\ x' = 2
Back == x = 2 /\ x' = 0
Next == Toggle \/ Leave \/ Back
Spec == Init /\ [][Next]_x /\ WF_x(Leave) /\ WF_x(Next)
Visits == []<>(x = 2)
============================================================
