\* expect: property_evaluation_error Never
\* distinct: 2
\* trace: 2
\* why: an atom that cannot be evaluated where it is needed
---------------------- MODULE NoTruth ----------------------
EXTENDS Sequences
VARIABLE q
Init == q = <<1>>
Next == q' = IF q = <<>> THEN <<1>> ELSE <<>>
Spec == Init /\ [][Next]_q /\ WF_q(Next)
Never == []<>(Head(q) = 2)
============================================================
