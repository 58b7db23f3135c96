\* expect: ok
\* distinct: 4
\* generated: 5
\* depth: 4
\* why: TLCGet("level") is 0 outside behaviours, 1 in initial states
----------------------- MODULE Level -----------------------
EXTENDS Naturals, TLC
VARIABLE x
ASSUME TLCGet("level") = 0
Init == x = TLCGet("level")
Next == x' = x + 1
Bound == TLCGet("level") <= 4
============================================================
