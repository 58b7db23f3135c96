\* expect: ok
\* distinct: 8
\* why: fairness for each process
-------------------- MODULE FairForEach --------------------
CONSTANT P
VARIABLE done
Init == done = {}
Finish(p) == p \notin done /\ done' = done \cup {p}
Next == \E p \in P : Finish(p)
Each == Init /\ [][Next]_done /\ \A p \in P : WF_done(Finish(p))
All == \A p \in P : <>(p \in done)
============================================================
