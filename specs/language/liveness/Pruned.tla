\* expect: ok
\* distinct: 3
\* why: with a constraint only behaviours inside it are looked at, as TLC has it
----------------------- MODULE Pruned -----------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = x + 1
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Inside == x <= 2
Stops == <>[](x = 7)
============================================================
