\* expect: parse_error
\* why: SUBSET and \X overlap
\* message: `SUBSET` and `\X` need parentheses: neither binds tighter
------------------ MODULE SubsetOfProduct ------------------
A == SUBSET {1} \X {2}  \*! parse
============================================================
