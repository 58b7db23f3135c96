---- MODULE LeadsToAction ----
VARIABLE x
A == (x' = x) ~> (x = 1)  \*! 4312
====
