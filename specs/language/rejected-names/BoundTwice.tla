---- MODULE BoundTwice ----
A == \A i \in {1} : \E i \in {2} : TRUE  \*! 4201
B == \A i \in {1}, i \in {2} : TRUE  \*! 4201
C == LET v == 1 IN LET v == 2 IN v  \*! 4201
====
