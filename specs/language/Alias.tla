\* expect: invariant Small
\* trace: 3
\* why: ALIAS only changes what a counterexample shows
----------------------- MODULE Alias -----------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = x + 1
Small == x < 2
Shown == [double |-> 2 * x, next |-> x']
============================================================
