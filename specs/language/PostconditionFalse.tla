\* expect: postcondition Three
\* distinct: 2
\* generated: 3
\* depth: 2
\* why: POSTCONDITION is evaluated at the end
----------------- MODULE PostconditionFalse -----------------
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0
Next == x' = 1 - x
Three == TLCGet("distinct") = 3
============================================================
