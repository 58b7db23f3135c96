---- MODULE PrimedParameter ----
VARIABLE x
Prime(p) == p'
Twice(p) == Prime(p)
A == Twice(x)
B == Twice(x')  \*! 4205
====
