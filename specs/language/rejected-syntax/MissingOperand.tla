\* expect: parse_error
\* why: an infix operator at the end of a definition
\* message: expected an expression after `=`
------------------- MODULE MissingOperand -------------------
A == 1 =  \*! parse
B == 2
============================================================
