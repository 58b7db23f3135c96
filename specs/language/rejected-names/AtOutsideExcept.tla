---- MODULE AtOutsideExcept ----
f == [i \in {1} |-> 2]
A == @  \*! 4261
====
