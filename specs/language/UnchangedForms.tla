\* expect: ok
\* distinct: 3
\* generated: 4
\* depth: 3
\* why: UNCHANGED of variables, tuples and definitions
------------------- MODULE UnchangedForms -------------------
EXTENDS Naturals
VARIABLES x, y, z
pair == <<y, z>>
all == <<x, pair>>

Init == x = 0 /\ y = 0 /\ z = 0
Step == x < 2 /\ x' = x + 1 /\ UNCHANGED pair
Stay == x = 2 /\ UNCHANGED all
Next == Step \/ Stay
Spec == Init /\ [][Next]_all
Never == [][y' = y /\ z' = z]_all
============================================================
