\* expect: parse_error
\* why: a string that does not end
\* message: this string is not closed on its line
------------------- MODULE UnclosedString -------------------
A == "abc  \*! parse
============================================================
