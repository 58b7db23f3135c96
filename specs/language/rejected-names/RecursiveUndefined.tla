---- MODULE RecursiveUndefined ----
RECURSIVE Op(_)  \*! 4291
A == 1
====
