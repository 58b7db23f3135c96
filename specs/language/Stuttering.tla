\* expect: ok
\* distinct: 2
\* generated: 5
\* depth: 2
\* why: a step that changes nothing prevents deadlock and is generated
--------------------- MODULE Stuttering ---------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = 1 \/ UNCHANGED x
Spec == Init /\ [][Next]_x
============================================================
