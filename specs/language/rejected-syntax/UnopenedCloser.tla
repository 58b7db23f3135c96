\* expect: parse_error
\* why: a bracket that closes nothing
\* message: `)` closes nothing
------------------- MODULE UnopenedCloser -------------------
A == 1)  \*! parse
============================================================
