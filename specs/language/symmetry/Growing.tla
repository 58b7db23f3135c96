\* expect: invariant Few
\* trace: 4
---- MODULE Growing ----
\* Functions whose domain changes, and a counterexample whose every step must be real: whoever joined last is
\* named by the state, so that representatives do not follow one another.
EXTENDS Naturals, FiniteSets, TLC
CONSTANT Member
VARIABLES score, last
Perms == Permutations(Member)
Init == score = [m \in {} |-> 0] /\ last \in Member
Join(m) == /\ m \notin DOMAIN score
           /\ m # last
           /\ score' = [n \in DOMAIN score \cup {m} |-> IF n = m THEN Cardinality(DOMAIN score) ELSE score[n]]
           /\ last' = m
Next == \E m \in Member : Join(m)
Spec == Init /\ [][Next]_<<score, last>>
Few == Cardinality(DOMAIN score) < 3
====
