\* expect: ok
\* distinct: 1
\* why: the same with fairness, which the quotient could not even see
-------------------- MODULE SymmetryFair --------------------
EXTENDS TLC
CONSTANT P
VARIABLE turn
Init == turn \in P
Pass(p) == turn # p /\ turn' = p
Next == \E p \in P : Pass(p)
Spec == Init /\ [][Next]_turn /\ \A p \in P : SF_turn(Pass(p))
Permuted == Permutations(P)
Alternates == \A p \in P : []<>(turn = p)
============================================================
