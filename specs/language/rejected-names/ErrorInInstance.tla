---- MODULE ErrorInInstance ----
VARIABLE x
One == INSTANCE Inner WITH y <- x
Two == INSTANCE Inner WITH y <- x
====
---- MODULE Inner ----
VARIABLE y
A == Undefined  \*! 4200
====
