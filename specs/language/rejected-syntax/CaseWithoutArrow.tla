\* expect: parse_error
\* why: a CASE arm without its value
\* message: expected `->`, found `[]`
------------------ MODULE CaseWithoutArrow ------------------
A == CASE TRUE [] FALSE -> 1  \*! parse
============================================================
