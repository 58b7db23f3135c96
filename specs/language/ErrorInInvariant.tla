\* expect: invariant_evaluation_error Safe
\* why: an invariant that cannot be evaluated
------------------ MODULE ErrorInInvariant ------------------
EXTENDS Naturals, Sequences
VARIABLE q
Init == q = <<1>>
Next == q' = Tail(q)
Safe == q[1] = 1  \*! out-of-domain
============================================================
