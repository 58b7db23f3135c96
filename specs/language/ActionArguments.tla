\* expect: ok
\* distinct: 10
\* generated: 31
\* why: actions as arguments
---- MODULE ActionArguments ----
EXTENDS Naturals
VARIABLES x, y
Do(A, B) == A /\ B
Or(A(_), S) == \E i \in S : A(i)
Inc(i) == x' = (x + i) % 5
Keep(v) == v' = v
Init == x = 0 /\ y = 0
Next == Do(Or(Inc, 1..2), Keep(y)) \/ Do(Or(LAMBDA i : Inc(i + 1), {2}), y' = 1 - y)
====
