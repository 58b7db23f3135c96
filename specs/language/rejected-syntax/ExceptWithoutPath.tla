\* expect: parse_error
\* why: EXCEPT without !
\* message: expected `!`, found `[`
----------------- MODULE ExceptWithoutPath -----------------
A == [f EXCEPT [1] = 2]  \*! parse
============================================================
