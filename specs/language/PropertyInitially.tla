\* expect: ok
\* distinct: 2
\* generated: 3
\* depth: 2
\* why: a state-level PROPERTY is checked in initial states only
----------------- MODULE PropertyInitially -----------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = 1
Starts == x = 0
============================================================
