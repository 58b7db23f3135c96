\* expect: config_error
\* why: hiding quantifiers need a witness that nobody gives
------------------- MODULE TemporalExists -------------------
VARIABLE x
Init == x = 0
Next == UNCHANGED x
Spec == Init /\ [][Next]_x
Hidden == \EE y : [](y = x)  \*! 2206
============================================================
