\* expect: ok
\* distinct: 2
\* why: a property that the specification assumes is warned about
------------------- MODULE ItsOwnFairness -------------------
VARIABLE on
Init == on = FALSE
Next == on' = ~on
Fairness == WF_on(Next)
Spec == Init /\ [][Next]_on /\ Fairness
Progress == WF_on(Next)  \*! liveness-trivial
============================================================
