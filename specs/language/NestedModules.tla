\* expect: ok
\* distinct: 3
\* generated: 4
\* why: modules within modules within modules
---- MODULE NestedModules ----
EXTENDS Naturals
ASSUME Named == 1 + 1 = 2
AXIOM TRUE
---- MODULE In1 ----
EXTENDS Naturals
CONSTANT c
---- MODULE In2 ----
CONSTANT d
sum(z) == z + d
====
I2 == INSTANCE In2 WITH d <- c
J2(e) == INSTANCE In2 WITH d <- e + c
q == I2!sum(1) + J2(10)!sum(1)
====
VARIABLES x
N1(c) == INSTANCE In1
N2 == INSTANCE In1 WITH c <- x
ASSUME N1(5)!q = 6 + 16
ASSUME N1(5)!J2(1)!sum(1) = 7
Init == x = 0
Next == x' = (N2!q) % 7
====
