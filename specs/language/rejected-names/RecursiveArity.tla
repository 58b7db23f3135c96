---- MODULE RecursiveArity ----
RECURSIVE Op(_)
Op(a, b) == a  \*! 4293
====
