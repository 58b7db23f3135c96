\* expect: ok
\* distinct: 6
\* generated: 6
\* depth: 6
\* why: instances with parameters, of instances, in LET, with infix symbols and LAMBDA in WITH
---- MODULE InstanceForms ----
EXTENDS Naturals, Sequences
---- MODULE Param ----
CONSTANTS K, F(_), _##_
VARIABLE v
G(a) == F(a) + K
a ++ b == a ## b ## K
-. a == a + 1
a^# == F(F(a))
LOCAL Hidden == 99
Twice(Op(_), z) == Op(Op(z))
T == Twice(F, K)
Inc == v' = F(v)
fn[i \in 0..3] == IF i = 0 THEN K ELSE fn[i-1] + K
====
---- MODULE Mid ----
CONSTANT M
VARIABLE w
Dbl(x) == 2 * x
Add(x, y) == x + y
P == INSTANCE Param WITH K <- M, F <- Dbl, ## <- Add, v <- w
Q(n) == INSTANCE Param WITH K <- n, F <- LAMBDA q : q + n, ## <- +, v <- w
====
---- MODULE Mid2 ----
CONSTANT M, R(_,_)
VARIABLE w
LOCAL INSTANCE Naturals
Loc == INSTANCE Param WITH K <- M, F <- LAMBDA q : R(q, M), ## <- R, v <- w
====
VARIABLES x, y
A == INSTANCE Mid WITH M <- 3, w <- x + y
B(m) == INSTANCE Mid2 WITH M <- m, R <- -, w <- x
LOCAL C == INSTANCE Mid2 WITH M <- 5, R <- LAMBDA a, b : a * b, w <- x

ASSUME A!P!G(4) = 11
ASSUME A!P!++(1, 2) = 6
ASSUME A!P!T = 12
ASSUME A!Q(10)!G(1) = 21
ASSUME A!Q(10)!T = 30
ASSUME A!Q(10)!fn[2] = 30
ASSUME A!P!fn = [i \in 0..3 |-> 3 * (i + 1)]
ASSUME A!P!-.(4) = 5
ASSUME A!P!^#(4) = 16
ASSUME B(2)!Loc!G(10) = 10
ASSUME C!Loc!G(2) = 15
ASSUME C!Loc!Twice(LAMBDA a : a - 1, 9) = 7
ASSUME LET I(k) == INSTANCE Param WITH K <- k, F <- LAMBDA z : z, ## <- +, v <- 0 IN I(7)!G(1) = 8
ASSUME LET J == INSTANCE Mid WITH M <- 1, w <- 2 IN J!P!G(3) = 7
ASSUME \A k \in 1..3 : LET I == INSTANCE Param WITH K <- k, F <- LAMBDA z : z * k, ## <- +, v <- 0 IN I!G(2) = 3 * k
ASSUME [k \in 1..3 |-> A!Q(k)!G(0)] = <<2, 4, 6>>

Init == x = 0 /\ y = 0
Next == /\ x < 5 /\ x' = x + 1 /\ y' = y
Spec == Init /\ [][Next]_<<x,y>>
Inc2 == A!Q(1)!Inc
AP == [][A!Q(1)!Inc]_<<x,y>>
Inv == (x < 5) = ENABLED Next
====
