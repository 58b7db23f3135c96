\* expect: parse_error
\* why: a comma before the closing bracket
\* message: expected an expression after `,`, found `>>`
------------------- MODULE TrailingComma -------------------
A == <<1, >>  \*! parse
============================================================
