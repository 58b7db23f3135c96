\* expect: parse_error
\* why: unary minus binds looser than *
\* message: `*` and `-` need parentheses: neither binds tighter
------------------ MODULE MinusAfterTimes ------------------
EXTENDS Integers
A == 2 * -3  \*! parse
============================================================
