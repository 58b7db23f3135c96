\* expect: parse_error
\* why: two operands in a row
\* message: expected an operator or the next definition, found `2`
-------------------- MODULE TwoOperands --------------------
A == 1 2  \*! parse
============================================================
