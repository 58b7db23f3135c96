\* expect: parse_error
\* why: IF without THEN
\* message: expected `THEN`, found `1`
-------------------- MODULE MissingThen --------------------
A == IF TRUE 1 ELSE 2  \*! parse
============================================================
