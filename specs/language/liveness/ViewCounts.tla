\* expect: ok
\* distinct: 2
\* why: a VIEW that hides a finite counter: the cycle among what it leaves is none
-------------------- MODULE ViewCounts ---------------------
EXTENDS Naturals
VARIABLES bit, count
vars == <<bit, count>>
Init == bit = 0 /\ count = 0
Next == count < 90 /\ count' = count + 1 /\ bit' = 1 - bit
Spec == Init /\ [][Next]_vars /\ WF_vars(Next)
Bit == bit
Ends == <>[](count = 90)
============================================================
