---- MODULE Redefined ----
A == 1
A == 2  \*! 4201
====
