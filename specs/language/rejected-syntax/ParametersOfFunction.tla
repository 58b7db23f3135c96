\* expect: parse_error
\* why: a function with round parameters
\* message: expected `)`, found `\in`
---------------- MODULE ParametersOfFunction ----------------
A(x \in {1}) == x  \*! parse
============================================================
