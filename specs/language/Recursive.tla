\* expect: ok
\* distinct: 7
\* generated: 7
\* depth: 7
\* why: RECURSIVE operators, mutual recursion, recursive functions
--------------------- MODULE Recursive ---------------------
EXTENDS Naturals, Sequences
VARIABLE n

RECURSIVE Sum(_)
Sum(s) == IF s = <<>> THEN 0 ELSE Head(s) + Sum(Tail(s))

RECURSIVE Even(_), Odd(_)
Even(k) == k = 0 \/ Odd(k - 1)
Odd(k) == k # 0 /\ Even(k - 1)

Factorial[k \in Nat] == IF k = 0 THEN 1 ELSE k * Factorial[k - 1]

Fibonacci[k \in 0..40] == IF k < 2 THEN k ELSE Fibonacci[k - 1] + Fibonacci[k - 2]

Init == n = 0
Next == n < Sum(<<1, 2, 3>>) /\ n' = n + 1

Facts ==
    /\ Even(n) # Odd(n)
    /\ Factorial[5] = 120
    /\ Fibonacci[20] = 6765
============================================================
