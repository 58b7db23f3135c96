\* expect: parse_error
\* why: a subscript is a name or is bracketed
\* message: expected an expression after `]_`, found `1`
------------------ MODULE NumberSubscript ------------------
A == [][TRUE]_1  \*! parse
============================================================
