---- MODULE FieldTwice ----
A == [a |-> 1, b |-> 2, a |-> 3]  \*! 4262
====
