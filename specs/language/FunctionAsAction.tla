\* expect: ok
\* distinct: 2
\* generated: 3
\* why: a function of actions is unfolded
---- MODULE FunctionAsAction ----
EXTENDS Naturals
VARIABLES x
Init == x = 0
f[i \in 1..2] == x' = i
Next == f[1]
====
