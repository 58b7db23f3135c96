\* expect: parse_error
\* why: /\ and \/ need parentheses between them
------------------ MODULE ParsePrecedence ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = 1 /\ x = 0 \/ x = 1  \*! parse
============================================================
