\* expect: ok
\* distinct: 2
\* why: fairness of an action that is never enabled, an antecedent that is never true
-------------------- MODULE NeverEnabled --------------------
VARIABLE on
Init == on = FALSE
Next == on' = ~on
Jump == on = 7 /\ on' = 8
Spec == Init /\ [][Next]_on
        /\ WF_on(Next)
        /\ SF_on(on = TRUE /\ on = FALSE /\ on' = TRUE)  \*! liveness-vacuous
Answers == (on = TRUE /\ on = FALSE) ~> on  \*! liveness-vacuous
============================================================
