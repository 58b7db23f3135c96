\* expect: property_initial Starts
\* why: a state-level PROPERTY that an initial state violates
--------------- MODULE PropertyInitiallyFalse ---------------
EXTENDS Naturals
VARIABLE x
Init == x \in {0, 1}
Next == UNCHANGED x
Starts == x = 0
============================================================
