\* expect: parse_error
\* why: an operator with too many arguments
--------------------- MODULE ParseArity ---------------------
EXTENDS Naturals
VARIABLE x
Double(n) == 2 * n
Init == x = 0
Next == x' = Double(x, 1)  \*! 4204
============================================================
