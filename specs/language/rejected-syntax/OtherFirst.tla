\* expect: parse_error
\* why: OTHER is the last arm
\* message: expected an expression after `CASE`, found `OTHER`
--------------------- MODULE OtherFirst ---------------------
A == CASE OTHER -> 1 [] TRUE -> 2  \*! parse
============================================================
