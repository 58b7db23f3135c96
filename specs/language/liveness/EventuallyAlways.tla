\* expect: temporal Settles
\* distinct: 2
\* trace: 2
\* why: <>[]P is not []<>P
------------------ MODULE EventuallyAlways ------------------
VARIABLE on
Init == on = FALSE
Next == on' = ~on
Spec == Init /\ [][Next]_on /\ WF_on(Next)
Returns == []<>on
Settles == <>[]on
============================================================
