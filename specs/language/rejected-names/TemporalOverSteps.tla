---- MODULE TemporalOverSteps ----
VARIABLE x
A == \A i \in {x'} : [](x = i)  \*! 4314
====
