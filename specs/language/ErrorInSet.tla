\* expect: evaluation_error
\* why: a model value among a number and a string: those two still cannot be compared
--------------------- MODULE ErrorInSet ---------------------
EXTENDS Naturals
CONSTANT M
VARIABLE x
Init == x \in {M, 1, "s"}
Next == UNCHANGED x
============================================================
