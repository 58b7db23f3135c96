\* expect: ok
\* distinct: 2
\* why: a property that quantifies over an empty set says nothing
-------------------- MODULE NoInstances --------------------
VARIABLE on
Init == on = FALSE
Next == on' = ~on
Spec == Init /\ [][Next]_on
Nothing == \A i \in {} : []<>(on = i)  \*! liveness-trivial
============================================================
