\* expect: parse_error
\* why: a filter binds one name
\* message: only one bound can stand before `:` in a set
------------------ MODULE FilterOfTwoNames ------------------
A == {x, y \in {1} : TRUE}  \*! parse
============================================================
