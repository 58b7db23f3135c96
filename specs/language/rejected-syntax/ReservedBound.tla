\* expect: parse_error
\* why: a reserved word as a bound name
\* message: expected a name, found `IN`
------------------- MODULE ReservedBound -------------------
A == \A IN \in {1} : TRUE  \*! parse
============================================================
