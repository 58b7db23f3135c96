\* expect: parse_error
\* why: an escape that strings do not have
\* message: unknown escape `\q` in a string
------------------- MODULE UnknownEscape -------------------
A == "a\qb"  \*! parse
============================================================
