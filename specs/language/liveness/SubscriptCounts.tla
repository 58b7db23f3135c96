\* expect: temporal Moves
\* distinct: 2
\* trace: 1
\* why: WF_x(A) asks for <<A>>_x; a step of A that leaves x as it is fulfils nothing and obliges to nothing
------------------ MODULE SubscriptCounts ------------------
VARIABLE x
Init == x = 0
Stay == x = 0 /\ x' = 0
Move == x = 0 /\ x' = 1
Next == Stay \/ Move
Spec == Init /\ [][Next]_x /\ WF_x(Stay)
Moves == <>(x = 1)
============================================================
