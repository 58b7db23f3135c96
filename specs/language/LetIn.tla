\* expect: ok
\* distinct: 3
\* generated: 6
\* depth: 1
\* why: LET with constants, operators, recursion, functions and operator parameters
----------------------- MODULE LetIn -----------------------
EXTENDS Naturals
VARIABLE x

Init == x \in LET low == 1
                  high == low + 2
              IN low..high

Next == LET next(k) == IF k = 3 THEN 1 ELSE k + 1
            twice(Op(_), k) == Op(Op(k))
            RECURSIVE down(_)
            down(k) == IF k = 0 THEN 0 ELSE down(k - 1)
            table[k \in 1..3] == next(k)
        IN /\ down(x) = 0
           /\ table[x] = next(x)
           /\ x' = twice(next, x)

Inside == x \in 1..3
============================================================
