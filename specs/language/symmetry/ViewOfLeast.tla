\* expect: ok
\* distinct: 10
\* generated: 21
\* depth: 7
---- MODULE ViewOfLeast ----
\* A view is evaluated on the least state of an orbit.
EXTENDS Naturals, TLC
CONSTANT Process
VARIABLES pc, count
Perms == Permutations(Process)
Init == pc = [p \in Process |-> 0] /\ count = 0
Step(p) == pc[p] < 2 /\ pc' = [pc EXCEPT ![p] = @ + 1] /\ count' = (count + 1) % 4
Next == \E p \in Process : Step(p)
Spec == Init /\ [][Next]_<<pc, count>>
Positions == pc
====
