\* expect: config_error
---- MODULE ChosenElement ----
\* CHOOSE prefers one of several symmetric elements.
EXTENDS TLC
CONSTANT Process
VARIABLE done
Perms == Permutations(Process)
Init == done = {}
Next == done # Process /\ done' = done \cup {CHOOSE p \in Process \ done : TRUE}
Spec == Init /\ [][Next]_done
====
