\* expect: temporal All
\* distinct: 6
\* why: fairness of the disjunction lets one process run for ever while another waits
--------------------- MODULE FairForOne ---------------------
EXTENDS Naturals
CONSTANT P
VARIABLE n
Init == n = [p \in P |-> 0]
Step(p) == n' = [n EXCEPT ![p] = IF p = CHOOSE q \in P : TRUE THEN 1 - @ ELSE (@ + 1) % 3]
Next == \E p \in P : Step(p)
Some == Init /\ [][Next]_n /\ WF_n(\E p \in P : Step(p))
All == \A p \in P : []<>(n[p] = 1)
============================================================
