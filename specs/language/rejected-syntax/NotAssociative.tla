\* expect: parse_error
\* why: = in a row
\* message: two `=` in a row need parentheses
------------------- MODULE NotAssociative -------------------
A == 1 = 1 = 1  \*! parse
============================================================
