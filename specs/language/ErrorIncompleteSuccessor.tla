\* expect: evaluation_error
\* why: a successor that leaves a variable open
-------------- MODULE ErrorIncompleteSuccessor --------------
EXTENDS Naturals
VARIABLES x, y
Init == x = 0 /\ y = 0
Next == x' = 1 - x
============================================================
