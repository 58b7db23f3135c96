\* expect: parse_error
\* why: the next definition begins inside a bracket
\* message: this `[` is never closed
------------------ MODULE UnclosedBracket ------------------
A == [x \in {1} |-> x  \*! parse
B == 2
============================================================
