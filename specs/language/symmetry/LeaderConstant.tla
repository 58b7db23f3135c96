\* expect: config_error
---- MODULE LeaderConstant ----
\* One of the symmetric elements is a constant of its own: the others cannot do what it does.
EXTENDS TLC
CONSTANTS Process, Leader
VARIABLE pc
Perms == Permutations(Process)
Init == pc = [p \in Process |-> "idle"]
Start(p) == pc[p] = "idle" /\ p = Leader /\ pc' = [pc EXCEPT ![p] = "busy"]
Next == \E p \in Process : Start(p)
Spec == Init /\ [][Next]_pc
====
