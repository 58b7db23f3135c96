---- MODULE Arity ----
Op(a, b) == a
A == Op(1)  \*! 4204
B == Op  \*! 4204
C == A(1)  \*! 4204
====
