---- MODULE EventuallyAction ----
VARIABLE x
A == <>(x' = x)  \*! 4311
B == <><<x' # x>>_x
====
