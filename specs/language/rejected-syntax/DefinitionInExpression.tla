\* expect: parse_error
\* why: == where = is meant
\* message: expected `THEN`, found `==`
--------------- MODULE DefinitionInExpression ---------------
A == IF 1 == 1 THEN 1 ELSE 2  \*! parse
============================================================
