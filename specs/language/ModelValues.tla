\* expect: ok
\* distinct: 3
\* generated: 10
\* depth: 2
\* why: model values differ from everything else
-------------------- MODULE ModelValues --------------------
EXTENDS Naturals
CONSTANTS None, Nodes, T_a, T_b
VARIABLE owner
Init == owner = None
Next == owner' \in Nodes \cup {None}
Facts ==
    /\ None # 1 /\ None # "None" /\ None \notin Nat
    /\ Nodes # {} /\ None \notin Nodes
    /\ T_a # T_b /\ T_a # None
============================================================
