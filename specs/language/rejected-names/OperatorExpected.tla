---- MODULE OperatorExpected ----
Apply(F(_), a) == F(a)
One(a) == a
Two(a, b) == a
A == Apply(1, 2)  \*! 4270
B == Apply(Two, 2)  \*! 4271
C == Apply(LAMBDA a, b : a, 2)  \*! 4274
D == Apply(LAMBDA a : a, 2)
E == Apply(One, 2)
====
