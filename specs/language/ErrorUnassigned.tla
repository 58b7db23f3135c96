\* expect: evaluation_error
\* why: a primed variable is read before it is assigned
------------------ MODULE ErrorUnassigned ------------------
EXTENDS Naturals
VARIABLES x, y
Init == x = 0 /\ y = 0
Next == y' = x' /\ x' = 1  \*! unassigned-variable
============================================================
