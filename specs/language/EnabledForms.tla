\* expect: ok
\* distinct: 3
\* generated: 4
\* why: ENABLED of actions with parameters, choices and boxes
---- MODULE EnabledForms ----
EXTENDS Naturals
VARIABLES x, y
A(k) == x < 2 /\ x' = x + k /\ y' = y
B == x' = 0 /\ x > 1 /\ UNCHANGED y
Init == x = 0 /\ y = 0
Next == A(1) \/ B
En(Z) == ENABLED Z
I == /\ (ENABLED A(1)) = (x < 2) /\ (ENABLED B <=> x > 1) /\ ENABLED Next
     /\ ENABLED (x' = x /\ y' = y) /\ ~ENABLED (x' = x /\ x' # x)
     /\ ENABLED (\E k \in 0..3 : x' = k /\ k > 2)
     /\ ~ENABLED <<A(0)>>_x
     /\ ENABLED [FALSE]_<<x, y>>
     /\ ENABLED (x' = x) /\ ENABLED UNCHANGED y
====
