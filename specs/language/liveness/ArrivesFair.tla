\* expect: ok
\* distinct: 3
\* why: weak fairness of the only action
-------------------- MODULE ArrivesFair --------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x < 2 /\ x' = x + 1
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Arrives == <>(x = 2)
Stays == <>[](x = 2)
Same == Arrives <=> Stays
============================================================
