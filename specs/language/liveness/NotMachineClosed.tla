\* expect: ok
\* distinct: 3
\* why: fairness that no behaviour into the dead end can meet rules that way out from the start
------------------ MODULE NotMachineClosed ------------------
VARIABLE x
Init == x = 0
Go == x = 0 /\ x' \in {1, 2}
Turn == x = 1 /\ x' = 0
Next == Go \/ Turn
Spec == Init /\ [][Next]_x /\ WF_x(Next) /\ []<>(x = 1)
Avoids == [](x # 2)
NeverStuck == [](x # 2) \/ <>(x = 1)
Returns == []<>(x = 0)
============================================================
