\* expect: parse_error
\* why: a bullet of the enclosing list inside a parenthesis
\* message: `\/` stands left of the list item whose `(` is still open
-------------- MODULE BulletInsideParenthesis --------------
A == /\ (TRUE
     \/ FALSE)  \*! parse
     /\ TRUE
============================================================
