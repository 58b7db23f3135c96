\* expect: parse_error
\* why: a quantifier without its body
\* message: expected `:`, found `B`
-------------------- MODULE MissingColon --------------------
A == \A x \in {1}  
B == 2  \*! parse
============================================================
