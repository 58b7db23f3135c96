---- MODULE LocalInvisible ----
EXTENDS Inner
B == A  \*! 4200
C == N
====
---- MODULE Inner ----
EXTENDS Naturals
LOCAL A == 1
N == Nat
====
