---- MODULE LabelParameters ----
A == \A i \in {1} : lab :: i = 1  \*! 4331
B == \A i \in {1} : lab(i, i) :: i = 1  \*! 4330
C == \A i \in {1} : lab(i, j) :: i = 1  \*! 4332
D == /\ one :: TRUE
     /\ one :: FALSE  \*! 4336
====
