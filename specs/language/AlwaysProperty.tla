\* expect: invariant Low
\* trace: 3
\* why: []P is an invariant
------------------- MODULE AlwaysProperty -------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = x + 1
Low == [](x < 2)
============================================================
