\* expect: ok
\* distinct: 218
\* generated: 741
\* depth: 9
---- MODULE Pointers ----
\* Elements point at elements: no column stands alone, and rings look the same from everywhere.
EXTENDS Naturals, TLC
CONSTANT Node
VARIABLES next, marked
Perms == Permutations(Node)
Init == next = [n \in Node |-> n] /\ marked = {}
Turn(n, m) == marked = {} /\ next' = [next EXCEPT ![n] = m] /\ UNCHANGED marked
Mark(n) == n \notin marked /\ marked' = marked \cup {n} /\ UNCHANGED next
Next == \E n \in Node : Mark(n) \/ \E m \in Node : Turn(n, m)
Spec == Init /\ [][Next]_<<next, marked>>
====
