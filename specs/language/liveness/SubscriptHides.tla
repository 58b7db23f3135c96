\* expect: ok
\* distinct: 4
\* why: <<A>>_y asks for a step that changes y: only that one is fair
------------------- MODULE SubscriptHides -------------------
EXTENDS Naturals
VARIABLES x, y
Init == x = 0 /\ y = 0
Next == \/ x' = 1 - x /\ y' = y
        \/ x' = x /\ y = 0 /\ y' = 1
Spec == Init /\ [][Next]_<<x, y>> /\ WF_y(Next)
Changes == <>(y = 1)
============================================================
