---- MODULE RecursiveInterrupted ----
RECURSIVE Op(_)
ASSUME TRUE  \*! 4294
Op(a) == a
====
