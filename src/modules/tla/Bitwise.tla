---- MODULE Bitwise ----
LOCAL INSTANCE Integers
LOCAL Combine(a, b, f(_, _)) ==
  LET bits[n \in Nat] == IF n > a /\ n > b THEN 0
                         ELSE (n * f((a \div n) % 2, (b \div n) % 2)) + bits[2 * n]
  IN bits[1]
a & b == Combine(a, b, LAMBDA x, y : x * y)
a | b == Combine(a, b, LAMBDA x, y : IF x + y = 0 THEN 0 ELSE 1)
a ^^ b == Combine(a, b, LAMBDA x, y : (x + y) % 2)
Not(a) == LET top[n \in Nat] == IF 2 * n > a THEN n ELSE top[2 * n] IN (2 * top[1]) - (1 + a)
shiftR(n, pos) == n \div (2 ^ pos)
====
