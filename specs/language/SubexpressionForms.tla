\* expect: ok
\* distinct: 3
\* generated: 4
\* why: every selector of a subexpression
---- MODULE SubexpressionForms ----
EXTENDS Integers, Sequences
Op(x) == /\ x > 1
         /\ \/ x = 3
            \/ x = 4 + 1
         /\ lab :: x # 7
Q(x) == \E y \in 1..3 : \A z \in 4..5 : l2(y, z) :: x + y = z
F == [i \in 1..3 |-> i * 2]
I(a) == IF a THEN 1 ELSE 2
E1(f) == [f EXCEPT ![1] = 10]
L1(x) == LET d(q) == q + x IN d(1) * 2
Ch == CHOOSE u \in {5,6} : u > 5
Cs(v) == CASE v = 1 -> 10 [] v = 2 -> 20 [] OTHER -> 30
Rc == [aa |-> 1, bb |-> 2]
Tp == <<7, 8, 9>>
St == {x \in 1..9 : x > 5}
Sm == {x * 2 : x \in 1..2}
ASSUME Op(3)!1 = TRUE
ASSUME Op(3)!2!1 /\ ~Op(3)!2!2
ASSUME Op(5)!2!2!<< = 5
ASSUME Op(5)!2!2!>> = 5
ASSUME Op(5)!2!2!>>!<< = 4
ASSUME Op(5)!2!2!>>!2 = 1
ASSUME Op(3)!lab
ASSUME ~Op(7)!lab
ASSUME Q(1)!@(3)!@(4)
ASSUME Q(1)!(3)!(4)
ASSUME ~Q(1)!(2)!(4)
ASSUME Q(1)!l2(3, 4)
ASSUME Q(1)!1 = 1..3
ASSUME F!1 = 1..3
ASSUME F!@(2) = 4
ASSUME I(TRUE)!2 = 1 /\ I(TRUE)!3 = 2 /\ I(FALSE)!1 = FALSE
ASSUME L1(5)!d(3) = 8
ASSUME L1(5)!: = 12
ASSUME Op(3)!: = TRUE
ASSUME Ch!1 = {5,6}
ASSUME Ch!@(6) = TRUE
ASSUME Rc!1 = 1
ASSUME Tp!2 = 8
ASSUME St!1 = 1..9
ASSUME St!@(6)
ASSUME Sm!@(2) = 4
VARIABLE x
Init == x = 0
Next == a1 :: (x < 2 /\ x' = x + 1) \/ (x = 2 /\ x' = 0)
Nx == Next!1
====
