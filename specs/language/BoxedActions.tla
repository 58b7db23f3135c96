\* expect: ok
\* distinct: 3
\* generated: 11
\* why: [A]_v and <<A>>_v as parts of Next
---- MODULE BoxedActions ----
EXTENDS Naturals
VARIABLES x, y
A == x < 2 /\ x' = x + 1 /\ y' = y
Init == x = 0 /\ y = 0
Next == [A]_<<x, y>> \/ <<x' = x /\ y' = y>>_x \/ <<A>>_<<x,y>> \/ ([FALSE]_y /\ x' = x)
====
