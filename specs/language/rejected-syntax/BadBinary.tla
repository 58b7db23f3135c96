\* expect: parse_error
\* why: digits of another base
\* message: expected an expression after `==`, found `\`
--------------------- MODULE BadBinary ---------------------
A == \b2  \*! parse
============================================================
