\* expect: parse_error
\* why: a field cannot be a string
\* message: expected a bound such as `x \in S`
------------------- MODULE FieldOfString -------------------
A == ["a" |-> 1]  \*! parse
============================================================
