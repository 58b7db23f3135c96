\* expect: parse_error
\* why: @ without EXCEPT
\* message: `@` stands for the old value in EXCEPT and has no meaning here
------------------ MODULE AtOutsideExcept ------------------
A == @ = 1  \*! 4261
============================================================
