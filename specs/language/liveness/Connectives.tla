\* expect: ok
\* distinct: 2
\* why: IF, CASE, <=>, ~, quantifiers and LET among temporal formulas
-------------------- MODULE Connectives --------------------
VARIABLE on
Init == on = FALSE
Next == on' = ~on
Spec == Init /\ [][Next]_on /\ WF_on(Next)
Implication == IF on THEN <>[]on ELSE []<>on
Cases == CASE on -> <>[]on [] ~on -> []<>~on
Others == CASE on -> FALSE [] OTHER -> <>on
Equal == []<>on <=> []<>~on
Negation == ~(<>[]on) /\ ~[]on
Quantified == \A b \in BOOLEAN : \E c \in BOOLEAN : []<>(on = b) /\ (c => <>(on = c))
Local == LET Again(b) == []<>(on = b) IN Again(TRUE) /\ Again(FALSE)
Labelled == here :: []<>on
Nested == []((on => <>~on) /\ (~on ~> on))
============================================================
