\* expect: parse_error
\* why: LET without IN
\* message: expected `IN` or a definition, found `VARIABLE`
--------------------- MODULE MissingIn ---------------------
A == LET x == 1
VARIABLE y  \*! parse
============================================================
