\* expect: config_error
---- MODULE UnevenInvariant ----
\* The steps are symmetric, but the invariant speaks of one element.
EXTENDS TLC
CONSTANTS Process, First
VARIABLE done
Perms == Permutations(Process)
Init == done = {}
Next == \E p \in Process : done' = {p}
Spec == Init /\ [][Next]_done
NotFirst == done # {First}
====
