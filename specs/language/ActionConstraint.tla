\* expect: ok
\* distinct: 5
\* generated: 26
\* depth: 2
\* why: steps outside the action constraint are generated, not taken
------------------ MODULE ActionConstraint ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' \in 0..4
Up == x' > x
============================================================
