\* expect: ok
\* distinct: 4
\* generated: 4
\* depth: 4
\* why: CHOOSE takes the first in the order of values
----------------------- MODULE Choose -----------------------
EXTENDS Integers, FiniteSets
VARIABLE s

Least(S) == CHOOSE e \in S : \A other \in S : e <= other

Init == s = {3, 1, 2}
Next == s # {} /\ s' = s \ {Least(s)}

Facts ==
    /\ (CHOOSE e \in {3, 1, 2} : TRUE) = 1
    /\ (CHOOSE S \in SUBSET {1, 2} : S # {}) = {1}
    /\ (CHOOSE S \in {{3}, {1, 2}, {}} : S # {}) = {3}          \* smaller sets first
    /\ (CHOOSE <<a, b>> \in {1, 2} \X {1, 2} : a > b) = <<2, 1>>
============================================================
