\* expect: parse_error
\* why: either every bound has a set or none has
\* message: expected `\in` and a set after the bound names
-------------------- MODULE MixedBounds --------------------
A == \A x \in {1}, y : TRUE  \*! parse
============================================================
