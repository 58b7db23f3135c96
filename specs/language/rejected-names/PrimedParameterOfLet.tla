---- MODULE PrimedParameterOfLet ----
VARIABLE x
A == LET Prime(p) == p' IN Prime(x')  \*! 4205
====
