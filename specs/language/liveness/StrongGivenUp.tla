\* expect: temporal Visits
\* distinct: 5
\* trace: 3
\* why: where a strong condition cannot be met, the part of the component that does not ask for it is looked at again
------------------- MODULE StrongGivenUp -------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' \in (1..4) \ {x}
First == x = 1 /\ x' = 2
Spec == Init /\ [][Next]_x /\ WF_x(Next) /\ SF_x(First)
Visits == []<>(x = 2)
============================================================
