\* expect: temporal Alternates
\* distinct: 1
\* why: up to symmetry there is one state that never changes; the behaviours are those of all states
-------------- MODULE SymmetryLosesBehaviours --------------
EXTENDS TLC
CONSTANT P
VARIABLE turn
Init == turn \in P
Next == turn' \in P
Spec == Init /\ [][Next]_turn
Permuted == Permutations(P)
Alternates == \A p \in P : []<>(turn = p)
============================================================
