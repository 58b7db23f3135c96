\* expect: ok
\* distinct: 9
\* generated: 23
\* depth: 7
---- MODULE Exclusion ----
\* Two symmetric sets and their union; every column of pc and of holds belongs to one element.
EXTENDS Naturals, FiniteSets, TLC
CONSTANTS Process, Resource, None
VARIABLES pc, holds
Perms == Permutations(Process) \cup Permutations(Resource)
Init == pc = [p \in Process |-> "idle"] /\ holds = [p \in Process |-> None]
Free(r) == \A p \in Process : holds[p] # r
Take(p, r) == /\ pc[p] = "idle" /\ Free(r)
              /\ pc' = [pc EXCEPT ![p] = "busy"]
              /\ holds' = [holds EXCEPT ![p] = r]
Leave(p) == /\ pc[p] = "busy"
            /\ pc' = [pc EXCEPT ![p] = "done"]
            /\ holds' = [holds EXCEPT ![p] = None]
Next == \E p \in Process : Leave(p) \/ \E r \in Resource : Take(p, r)
Spec == Init /\ [][Next]_<<pc, holds>>
Exclusive == \A p, q \in Process : p # q /\ holds[p] = holds[q] => holds[p] = None
====
