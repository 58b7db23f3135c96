\* expect: evaluation_error
\* why: a field that a record does not have
--------------------- MODULE ErrorField ---------------------
VARIABLE r
Init == r = [a |-> 1]
Next == r' = [a |-> r.b]  \*! out-of-domain
============================================================
