\* expect: evaluation_error
\* why: quantifying over all numbers
----------------- MODULE ErrorNotEnumerable -----------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == \E n \in Nat : x' = n  \*! not-enumerable
============================================================
