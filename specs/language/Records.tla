\* expect: ok
\* distinct: 4
\* generated: 8
\* depth: 1
\* why: records, sets of records, field access
---------------------- MODULE Records ----------------------
EXTENDS Naturals
VARIABLE r

Init == r \in [kind : {"a", "b"}, size : 0..1]
Next == r' = [r EXCEPT !.size = 1 - @]

Facts ==
    /\ r.size + r["size"] < 3
    /\ DOMAIN r = {"kind", "size"}
    /\ [a |-> 1, b |-> 2] = [b |-> 2, a |-> 1]
    /\ [r EXCEPT !.kind = "a"].kind = "a"
============================================================
