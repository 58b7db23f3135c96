\* expect: ok
\* distinct: 4
\* generated: 7
\* depth: 4
---- MODULE Chained ----
\* Sets that share an element generate all permutations of their union, though neither has them.
EXTENDS TLC
CONSTANTS a, b, c
VARIABLE x
Perms == Permutations({a, b}) \cup Permutations({b, c})
Init == x = {}
Next == \E e \in {a, b, c} \ x : x' = x \cup {e}
Spec == Init /\ [][Next]_x
====
