\* expect: parse_error
\* why: LAMBDA outside of an argument
\* message: expected an expression after `==`, found `LAMBDA`
----------------- MODULE LambdaAsExpression -----------------
A == LAMBDA x : x  \*! parse
============================================================
