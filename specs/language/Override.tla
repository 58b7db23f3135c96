\* expect: ok
\* distinct: 3
\* generated: 6
\* depth: 1
\* why: the config replaces constants, operators of library modules and unbounded CHOOSE
---------------------- MODULE Override ----------------------
EXTENDS Naturals, Sequences
CONSTANTS Size, Next(_)
NoValue == CHOOSE v : v \notin Nat
SmallNat == 0..Size
Successor(n) == (n + 1) % (Size + 1)
VARIABLE x
Init == x \in Nat
Step == x' = Next(x)
Facts == x # NoValue
============================================================
