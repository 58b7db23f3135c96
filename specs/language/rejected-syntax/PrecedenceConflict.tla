\* expect: parse_error
\* why: /\ and \/ need parentheses between them
\* message: `/\` and `\/` need parentheses: neither binds tighter
----------------- MODULE PrecedenceConflict -----------------
A == 1 = 1
B == A /\ A \/ A  \*! parse
============================================================
