\* expect: parse_error
\* why: a reserved word as a name
\* message: expected a name, found `CHOOSE`
-------------------- MODULE ReservedName --------------------
VARIABLE CHOOSE  \*! parse
============================================================
