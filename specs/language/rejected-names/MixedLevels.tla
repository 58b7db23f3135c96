---- MODULE MixedLevels ----
VARIABLE x
A == (x' = x) /\ [](x = 1)  \*! 4313
====
