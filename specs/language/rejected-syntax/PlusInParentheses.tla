\* expect: parse_error
\* why: f(+) is read as the operator (+)
\* message: expected an expression after `(+)`
----------------- MODULE PlusInParentheses -----------------
F(G(_, _)) == G(1, 2)
A == F(+)  \*! parse
B == 1
============================================================
