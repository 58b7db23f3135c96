\* expect: config_error
\* why: a constant without a value
------------------- MODULE ConfigUnbound -------------------
CONSTANT N
VARIABLE x
Init == x = N
Next == UNCHANGED x
============================================================
