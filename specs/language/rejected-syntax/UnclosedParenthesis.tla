\* expect: parse_error
\* why: a parenthesis that is never closed
\* message: this `(` is never closed
---------------- MODULE UnclosedParenthesis ----------------
A == (1 = 2  \*! parse
VARIABLE x
============================================================
