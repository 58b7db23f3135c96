\* expect: ok
\* distinct: 3
\* why: actions wherever TLA+ allows them
------------------ MODULE StepsInFormulas ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Up == x < 2 /\ x' = x + 1
Reset == x = 2 /\ x' = 0
Next == Up \/ Reset
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Resets == []<><<Reset>>_x
After == [](x = 2 => <><<Reset>>_x)
Grows == <>[][Up]_x => <>[](x = 2)
Initially == x = 0 => <><<Up>>_x
Leads == (x = 0) ~> <><<Reset>>_x
Bounded == [](x = 0 => [][x' <= 2]_x)
============================================================
