\* expect: parse_error
\* why: a prime of a prime
--------------------- MODULE ParseLevel ---------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x'' = 1  \*! 4205
============================================================
