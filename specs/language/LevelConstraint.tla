\* expect: ok
\* distinct: 4
\* generated: 5
\* depth: 4
\* why: a constraint of TLCGet alone is no constant
---- MODULE LevelConstraint ----
EXTENDS Naturals, TLC
VARIABLES x
Init == x = 0
Next == x' = x + 1
Con == TLCGet("level") < 5
Inv == TLCGet("level") <= 6 /\ x = TLCGet("level") - 1
====
