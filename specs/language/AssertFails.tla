\* expect: assert
\* why: Assert stops the run
-------------------- MODULE AssertFails --------------------
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0
Next == /\ Assert(x < 2, <<"x is", x>>)  \*! assert
        /\ x' = x + 1
============================================================
