\* expect: invariant NotThree
\* trace: 4
\* why: invariants are checked on states outside the constraint too
---------------- MODULE ConstraintInvariant ----------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = x + 1
Below == x < 3
NotThree == x # 3
============================================================
