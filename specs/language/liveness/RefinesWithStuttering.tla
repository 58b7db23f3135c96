\* expect: ok
\* distinct: 12
\* why: steps that the abstract clock does not see are stuttering; its fairness follows
--------------- MODULE RefinesWithStuttering ---------------
EXTENDS Naturals
---- MODULE Hour ----
EXTENDS Naturals
VARIABLE hour
Init == hour = 0
Next == hour' = (hour + 1) % 3
Spec == Init /\ [][Next]_hour /\ WF_hour(Next)
====
VARIABLES minute, hours
Init == minute = 0 /\ hours = 0
Next == /\ minute' = (minute + 1) % 4
        /\ hours' = IF minute = 3 THEN (hours + 1) % 3 ELSE hours
Spec == Init /\ [][Next]_<<minute, hours>> /\ WF_<<minute, hours>>(Next)
Abstract == INSTANCE Hour WITH hour <- hours
Refines == Abstract!Spec
============================================================
