\* expect: action_property Grows
\* trace: 4
\* why: [][A]_v is checked on every step, to known states too
------------------- MODULE ActionProperty -------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % 3
Grows == [][x' >= x]_x
============================================================
