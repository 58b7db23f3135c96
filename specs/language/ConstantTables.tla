\* expect: ok
\* distinct: 1
\* why: constant operators given by a table, model values
---- MODULE ConstantTables ----
EXTENDS Naturals
CONSTANTS F(_), G(_,_), a, b, M, S, N
VARIABLES x
ASSUME F(1) = 2 /\ F(2) = 3 /\ G(1, a) = {{1}, {b}} /\ M # 5 /\ M # "s" /\ M \notin Nat /\ S = {a, b} /\ N = 5 /\ a # b
Init == x = F(1)
Next == x' = x
====
