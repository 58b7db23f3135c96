\* expect: ok
\* distinct: 4
\* generated: 4
\* depth: 4
\* why: labels and positional names of subexpressions
----------------- MODULE SubexpressionNames -----------------
EXTENDS Naturals
VARIABLE x

Init == x = 0
Next == /\ x < 3
        /\ x' = x + 1

TypeOK == /\ x \in Nat
          /\ small :: x < 4
Sum(a, b) == a + b

Facts ==
    /\ TypeOK!1
    /\ TypeOK!small
    /\ TypeOK!1!1 = x
    /\ Sum(2, 3)!<< = 2
    /\ Sum(2, 3)!2 = 3
    /\ TypeOK!:
============================================================
