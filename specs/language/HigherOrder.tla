\* expect: ok
\* distinct: 1
\* generated: 2
\* why: closures that escape, operators through several levels, recursion of every kind
---- MODULE HigherOrder ----
EXTENDS Integers, Sequences, FiniteSets, TLC
RECURSIVE Even(_), Odd(_)
Even(n) == IF n = 0 THEN TRUE ELSE Odd(n - 1)
Odd(n) == IF n = 0 THEN FALSE ELSE Even(n - 1)
ASSUME Even(10) /\ ~Even(7)
Fold(Op(_,_), b, s) == LET f[i \in 1..Len(s)+1] == IF i > Len(s) THEN b ELSE Op(s[i], f[i+1]) IN f[1]
ASSUME Fold(+, 0, <<1,2,3>>) = 6
ASSUME Fold(LAMBDA a, b : a - b, 0, <<10,2,3>>) = 11
Ap(F(_), x) == F(x)
Ap2(G(_), x) == Ap(LAMBDA y : G(G(y)), x)
Ap3(H(_), x, k) == Ap2(LAMBDA y : H(y) + k, x)
ASSUME Ap3(LAMBDA z : z * 2, 1, 10) = 34
ASSUME \A k \in 1..3 : Ap3(LAMBDA z : z * k, 1, k) = (k + k) * k + k
ASSUME LET add(n) == [m \in 1..3 |-> n + m] IN [k \in 1..2 |-> add(k)[k]] = <<2, 4>>
ASSUME LET fs == [k \in 1..3 |-> [j \in 1..3 |-> k * 10 + j]] IN fs[2][3] = 23
ASSUME LET fs == [k \in 1..3 |-> LET g[j \in Nat] == IF j = 0 THEN k ELSE g[j-1] + k IN g] IN fs[2][3] = 8
ASSUME {y \in 1..4 : LET sq(z) == z * y IN sq(y) > 5} = {3, 4}
ASSUME {LET sq(z) == z * y IN [i \in 1..2 |-> sq(i)] : y \in 1..2} = {<<1,2>>, <<2,4>>}
ASSUME LET S(n) == {y \in 1..10 : y % n = 0} IN {S(k) : k \in {3,4}} = {{3,6,9},{4,8}}
ASSUME LET f[a \in 1..2, b \in 3..4] == a * b IN f[2, 3] = 6 /\ f[<<1, 4>>] = 4 /\ DOMAIN f = (1..2) \X (3..4)
ASSUME LET f[<<a, b>> \in (1..2) \X (3..4), c \in {0}] == a * b + c IN f[<<2, 3>>, 0] = 6
ASSUME LET sum[s \in Seq(Nat)] == IF s = <<>> THEN 0 ELSE Head(s) + sum[Tail(s)] IN sum[<<1,2,3>>] = 6
ASSUME LET w[r \in [n: 0..3, a : Nat]] == IF r.n = 0 THEN r.a ELSE w[[n |-> r.n - 1, a |-> r.a * 2]] IN w[[n |-> 3, a |-> 1]] = 8
ASSUME [[a |-> 1, b |-> <<1,2>>] EXCEPT !.b[1] = @ + 5, !.b[2] = @ + 1, !.a = 9] = [a |-> 9, b |-> <<6,3>>]
ASSUME [<<[f |-> <<1>>]>> EXCEPT ![1] = [@ EXCEPT !.f = [@ EXCEPT ![1] = @ + 7]]] = <<[f |-> <<8>>]>>
ASSUME LET f == [p \in (1..2) \X (1..2) |-> p[1] + p[2]] IN [f EXCEPT ![1,2] = @ * 10, ![<<2,2>>] = 0][1,2] = 30
ASSUME [[x \in 1..2 |-> {x}] EXCEPT ![1] = @ \cup {3}, ![2] = {@}] = <<{1,3}, {{2}}>>
ASSUME (CASE 1 = 2 -> 1 [] 2 = 2 -> CASE 1 = 3 -> 5 [] OTHER -> 6) = 6
ASSUME (CASE 1 = 2 -> 1 [] 2 = 3 -> 2 [] OTHER -> 3) = 3
Mx(S) == CHOOSE m \in S : \A z \in S : z <= m
RECURSIVE SumS(_)
SumS(S) == IF S = {} THEN 0 ELSE LET m == Mx(S) IN m + SumS(S \ {m})
ASSUME SumS(1..10) = 55
Cmp(f(_), g(_), x) == f(g(x))
ASSUME Cmp(LAMBDA a : a + 1, LAMBDA b : b * 2, 5) = 11
ASSUME Cmp(Cardinality, LAMBDA b : SUBSET b, {1,2,3}) = 8
ASSUME LET Op(a, b) == a - b IN Fold(Op, 0, <<5, 3>>) = 2
ASSUME LET RECURSIVE r(_) r(n) == IF n = 0 THEN 0 ELSE n + r(n - 1) IN r(4) = 10
ASSUME \A <<p, q>> \in {<<1,2>>,<<2,3>>}, r \in {0} : p + r < q
ASSUME {<<p,q>> \in (1..2) \X (1..2) : p < q} = {<<1,2>>}
ASSUME {p + q : <<p,q>> \in (1..2) \X (1..2), r \in {1}} = {2,3,4}
ASSUME (CHOOSE <<p,q>> \in (1..3) \X (1..3) : p > q /\ p = 3 /\ q = 2) = <<3,2>>
ASSUME [s \in {"a","b"} |-> s].a = "a"
ASSUME LET x == 5 y == x + 1 z == y * 2 IN z = 12
ASSUME [n \in 1..3, m \in 1..2 |-> n * m][3, 2] = 6
ASSUME LET a (+) b == a * 10 + b IN 1 (+) 2 (+) 3 = 123
ASSUME LET a ++ b == a * 10 + b IN 1 ++ 2 = 12
ASSUME Fold(LAMBDA a, b : <<a>> \o b, <<>>, <<1,2>>) = <<1,2>>
ASSUME SelectSeq(<<1,2,3,4>>, LAMBDA e : e % 2 = 0) = <<2, 4>>
ASSUME SortSeq(<<3,1,2>>, <) = <<1,2,3>>
ASSUME SortSeq(<<3,1,2>>, LAMBDA a, b : a > b) = <<3,2,1>>
VARIABLE x
Init == x = 0
Next == x' = x
====
