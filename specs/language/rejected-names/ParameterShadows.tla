---- MODULE ParameterShadows ----
VARIABLE x
Op(x) == x  \*! 4201
====
