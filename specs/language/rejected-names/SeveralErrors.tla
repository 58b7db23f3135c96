---- MODULE SeveralErrors ----
EXTENDS Naturals
A == Undefined1 + 1  \*! 4200
B == A(3)  \*! 4204
C == \E A \in {1} : A = 1  \*! 4201
D == B + Undefined2  \*! 4200
====
