\* expect: ok
\* distinct: 4
\* generated: 20
\* depth: 1
\* why: x \subseteq S and x' \subseteq S assign
------------------ MODULE SubsetAssignment ------------------
VARIABLE x
Init == x \subseteq {1, 2}
Next == x' \subseteq {1, 2}
============================================================
