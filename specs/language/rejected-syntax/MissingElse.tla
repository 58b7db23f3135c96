\* expect: parse_error
\* why: IF without ELSE
\* message: expected `ELSE`, found `B`
-------------------- MODULE MissingElse --------------------
A == IF TRUE THEN 1
B == 2  \*! parse
============================================================
