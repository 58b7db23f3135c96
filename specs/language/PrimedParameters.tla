\* expect: ok
\* distinct: 4
\* generated: 5
\* depth: 4
\* why: parameters that are primed or assigned by the operator they are given to
---- MODULE PrimedParameters ----
EXTENDS Naturals
VARIABLES x, y
Set(v, e) == v = e
Chain(p, q) == p = q /\ y' = p + 1
Init == Set(x, 0) /\ Set(y, 0)
Next == (x < 3 /\ Set(x', x + 1) /\ y' = x' * 2) \/ (x = 3 /\ UNCHANGED <<x, y>>)
====
