\* expect: parse_error
\* why: a name cannot begin with WF_
\* message: expected a definition, found `WF_`
------------------- MODULE FairnessPrefix -------------------
A == LET WF_x == 1 IN 2  \*! parse
============================================================
