\* expect: config_error
\* why: an invariant that is not defined
------------------- MODULE ConfigUnknown -------------------
VARIABLE x
Init == x = 0
Next == UNCHANGED x
============================================================
