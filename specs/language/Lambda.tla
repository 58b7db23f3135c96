\* expect: ok
\* distinct: 6
\* generated: 7
\* depth: 6
\* why: LAMBDA and operators as arguments
----------------------- MODULE Lambda -----------------------
EXTENDS Naturals, Sequences
VARIABLE x

Apply(F(_, _), a, b) == F(a, b)
Compose(F(_), G(_), a) == F(G(a))

Init == x = Apply(LAMBDA a, b : a * b, 2, 3)
Next == x' = Compose(LAMBDA a : a + 1, LAMBDA a : a % 6, x)

Facts ==
    /\ Apply(+, 1, 2) = 3
    /\ Apply(\cup, {1}, {2}) = {1, 2}
    /\ SelectSeq(<<1, 2, 3, 4>>, LAMBDA e : e % 2 = 0) = <<2, 4>>
    /\ x \in 1..6
============================================================
