\* expect: parse_error
\* why: a comment that does not end
\* message: this comment is never closed
------------------ MODULE UnclosedComment ------------------
A == 1 (* no end  \*! parse
============================================================
