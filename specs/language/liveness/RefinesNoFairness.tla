\* expect: temporal Refines
\* distinct: 4
\* trace: 1
\* why: ENABLED of the abstract action is about the abstract variable, which an expression replaces
----------------- MODULE RefinesNoFairness -----------------
EXTENDS Naturals, FiniteSets
---- MODULE Counter ----
EXTENDS Naturals
VARIABLE n
Init == n = 0
Tick == n' = (n + 1) % 3
Spec == Init /\ [][Tick]_n /\ WF_n(Tick)
====
VARIABLE done
Init == done = {}
Next == IF Cardinality(done) = 2 THEN done' = {} ELSE \E w \in {"a", "b"} \ done : done' = done \cup {w}
Spec == Init /\ [][Next]_done
Fair == Spec /\ WF_done(Next)
C == INSTANCE Counter WITH n <- Cardinality(done)
Refines == C!Spec
============================================================
