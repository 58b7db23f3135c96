\* expect: temporal Meets
\* distinct: 4
\* why: infinitely many states that VIEW makes few; the counterexample is confirmed on real states
--------------------- MODULE ViewGrows ---------------------
EXTENDS Naturals
VARIABLES low, high
Init == low = 0 /\ high = 1
Chase == low' = low + 1 /\ high' = high /\ low < high
Flee == high' = high + 1 /\ low' = low /\ high - low < 3
Next == Chase \/ Flee
Spec == Init /\ [][Next]_<<low, high>> /\ WF_<<low, high>>(Chase) /\ WF_<<low, high>>(Flee)
Distance == high - low
Meets == []<>(high = low)
============================================================
