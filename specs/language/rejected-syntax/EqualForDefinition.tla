\* expect: parse_error
\* why: = where == is meant
\* message: expected `==`, found `=`
----------------- MODULE EqualForDefinition -----------------
A = 1  \*! parse
============================================================
