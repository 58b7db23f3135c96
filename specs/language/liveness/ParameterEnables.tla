\* expect: ok
\* distinct: 3
\* why: an action that only one value of its parameter enables
------------------ MODULE ParameterEnables ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Take(k) == k = x + 1 /\ x' = k
Next == \E k \in 1..2 : Take(k)
Spec == Init /\ [][Next]_x /\ \A k \in 1..2 : WF_x(Take(k))
Arrives == \A k \in 1..2 : <>(x = k)
============================================================
