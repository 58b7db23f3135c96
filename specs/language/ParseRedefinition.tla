\* expect: parse_error
\* why: a bound variable with the name of another
----------------- MODULE ParseRedefinition -----------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == \E x \in 1..2 : TRUE  \*! 4201
============================================================
