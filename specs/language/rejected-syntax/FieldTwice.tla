\* expect: parse_error
\* why: one field twice
\* message: the field `a` is given twice
--------------------- MODULE FieldTwice ---------------------
A == [a |-> 1, b |-> 2, a |-> 3]  \*! 4262
============================================================
