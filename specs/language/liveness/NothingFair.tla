\* expect: ok
\* distinct: 2
\* why: assumptions that contradict each other: every temporal property holds, which means nothing
-------------------- MODULE NothingFair --------------------
VARIABLE on
Init == on = FALSE
Next == on = FALSE /\ on' = TRUE
Spec == Init /\ [][Next]_on
        /\ WF_on(Next)  \*! liveness-vacuous
        /\ []<>(on = FALSE)
Wrong == []<>(on # on)
============================================================
