\* expect: parse_error
\* why: EXTENDS after another unit
\* message: expected an operator or the next definition, found `EXTENDS`
-------------------- MODULE ExtendsLate --------------------
VARIABLE x
EXTENDS Naturals  \*! parse
============================================================
