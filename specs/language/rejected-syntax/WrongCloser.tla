\* expect: parse_error
\* why: a bracket closed by another
\* message: expected `}`, found `)`
-------------------- MODULE WrongCloser --------------------
A == {1, 2)  \*! parse
============================================================
