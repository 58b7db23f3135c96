\* expect: ok
\* distinct: 4
\* generated: 7
\* depth: 4
\* why: three symmetric model values, a growing set
---------------------- MODULE Symmetry ----------------------
EXTENDS TLC
CONSTANT S
VARIABLE x
Init == x = {}
Next == \E e \in S \ x : x' = x \cup {e}
Permuted == Permutations(S)
============================================================
