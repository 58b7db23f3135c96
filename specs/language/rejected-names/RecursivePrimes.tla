---- MODULE RecursivePrimes ----
RECURSIVE Op(_)
Op(a) == IF a' = 1 THEN TRUE ELSE Op(a)  \*! 4290
====
