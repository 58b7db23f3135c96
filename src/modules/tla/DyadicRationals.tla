---- MODULE DyadicRationals ----
LOCAL INSTANCE Integers
LOCAL INSTANCE Sequences
LOCAL INSTANCE TLC
LOCAL Rational(num, den) == [num |-> num, den |-> den]
LOCAL Reduce(p) ==
  LET RECURSIVE halve(_, _)
      halve(n, d) == IF d % 2 = 0 /\ n % 2 = 0 /\ d > 1 THEN halve(n \div 2, d \div 2)
                     ELSE Rational(n, d)
  IN halve(p.num, p.den)
IsDyadicRational(r) == \E i \in 0 .. r.den : 2 ^ i = r.den
Zero == Rational(0, 1)
One == Rational(1, 1)
Add(p, q) ==
  IF p = Zero THEN q
  ELSE LET den == IF p.den > q.den THEN p.den ELSE q.den
       IN Reduce(Rational((p.num * (den \div p.den)) + (q.num * (den \div q.den)), den))
Half(p) == Reduce(Rational(p.num, p.den * 2))
PrettyPrint(p) ==
  IF p = Zero THEN "0" ELSE IF p = One THEN "1" ELSE ToString(p.num) \o "/" \o ToString(p.den)
====
