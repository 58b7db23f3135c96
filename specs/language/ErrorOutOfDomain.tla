\* expect: evaluation_error
\* why: a function applied outside its domain
------------------ MODULE ErrorOutOfDomain ------------------
EXTENDS Naturals
VARIABLE x
f == [i \in 1..3 |-> i + 1]
Init == x = 1
Next == x' = f[x]  \*! out-of-domain
============================================================
