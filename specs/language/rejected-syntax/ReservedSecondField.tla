\* expect: parse_error
\* why: a reserved word as a later field
\* message: expected a name, found `THEN`
---------------- MODULE ReservedSecondField ----------------
A == [IF |-> 1, THEN |-> 2]  \*! parse
============================================================
