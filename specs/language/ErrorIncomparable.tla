\* expect: evaluation_error
\* why: an integer compared with a string
----------------- MODULE ErrorIncomparable -----------------
VARIABLE x
Init == x = 0
Next == x' = "one" /\ x = "zero"  \*! incomparable
============================================================
