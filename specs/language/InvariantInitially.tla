\* expect: invariant_initial Odd
\* trace: 1
\* why: an invariant that fails in an initial state
----------------- MODULE InvariantInitially -----------------
EXTENDS Naturals
VARIABLE x
Init == x \in {1, 2}
Next == UNCHANGED x
Odd == x % 2 = 1
============================================================
