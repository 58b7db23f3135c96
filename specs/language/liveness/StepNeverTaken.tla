\* expect: temporal Ups
\* distinct: 3
\* trace: 3
\* why: <>[][A]_v asks for a suffix without other steps
------------------- MODULE StepNeverTaken -------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Up == x < 2 /\ x' = x + 1
Reset == x = 2 /\ x' = 0
Next == Up \/ Reset
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Ups == <>[][Up]_x
============================================================
