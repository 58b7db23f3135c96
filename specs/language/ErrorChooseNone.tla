\* expect: evaluation_error
\* why: CHOOSE with nothing to choose
------------------ MODULE ErrorChooseNone ------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = CHOOSE e \in 0..x : e > x  \*! choose-none
============================================================
