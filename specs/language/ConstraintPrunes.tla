\* expect: ok
\* distinct: 3
\* generated: 4
\* why: a successor outside the constraint prevents deadlock
---- MODULE ConstraintPrunes ----
EXTENDS Naturals
VARIABLES x
Init == x = 0
Next == x' = x + 1
C == x < 3
====
