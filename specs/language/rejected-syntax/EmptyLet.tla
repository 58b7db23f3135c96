\* expect: parse_error
\* why: LET without a definition
\* message: expected a definition, found `IN`
---------------------- MODULE EmptyLet ----------------------
A == LET IN 1  \*! parse
============================================================
