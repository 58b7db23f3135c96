\* expect: evaluation_error
\* why: a prime on the right does not assign
--------------- MODULE ErrorReversedEquality ---------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == 1 = x'  \*! unassigned-variable
============================================================
