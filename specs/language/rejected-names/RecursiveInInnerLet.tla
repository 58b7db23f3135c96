---- MODULE RecursiveInInnerLet ----
RECURSIVE Op(_)
A == LET Op(n) == n IN Op(1)  \*! 4292
Op(n) == n
====
