\* expect: config_error
\* why: a quantifier over temporal formulas needs a constant set
---------------------- MODULE StateSet ----------------------
VARIABLE s
Init == s = {1}
Next == UNCHANGED s
Spec == Init /\ [][Next]_s
Each == \A e \in s : <>(e \notin s)  \*! 2206
============================================================
