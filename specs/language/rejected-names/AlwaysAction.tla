---- MODULE AlwaysAction ----
VARIABLE x
A == [](x' = x)  \*! 4310
B == [][x' = x]_x
====
