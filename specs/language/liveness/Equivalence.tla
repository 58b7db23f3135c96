\* expect: temporal Equal
\* distinct: 3
\* trace: 2
\* why: <=> between temporal formulas
-------------------- MODULE Equivalence --------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x < 2 /\ x' \in {1, 2}
Spec == Init /\ [][Next]_x /\ WF_x(x = 0 /\ Next)
Equal == <>(x = 1) <=> <>(x = 2)
============================================================
