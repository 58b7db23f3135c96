\* expect: parse_error
\* why: an infix operator without its left operand
\* message: expected an expression after `+`, found `*`
----------------- MODULE OperatorAsOperand -----------------
A == (1 + * 2)  \*! parse
============================================================
