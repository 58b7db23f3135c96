\* expect: evaluation_error
\* why: division by zero, found at depth two
------------------- MODULE ErrorDivision -------------------
EXTENDS Integers
VARIABLE x
Init == x = 2
Next == x' = 4 \div (x - 1) - 3  \*! division
============================================================
