\* expect: evaluation_error
\* why: a condition that is not a boolean
------------------ MODULE ErrorNonBoolean ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == IF x THEN x' = 1 ELSE x' = 2  \*! type
============================================================
