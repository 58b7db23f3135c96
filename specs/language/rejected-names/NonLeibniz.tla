---- MODULE NonLeibniz ----
VARIABLE x
Primed(a) == a'
One == INSTANCE Inner WITH Op <- Primed  \*! 4244
====
---- MODULE Inner ----
CONSTANT Op(_)
A == Op(1)
====
