\* expect: evaluation_error
\* why: CASE without a true arm
------------------- MODULE ErrorCaseNone -------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = CASE x = 0 -> 1  \*! case-none
               [] x = 2 -> 0
============================================================
