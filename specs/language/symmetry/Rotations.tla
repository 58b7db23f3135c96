\* expect: ok
\* distinct: 6
\* generated: 18
\* depth: 5
---- MODULE Rotations ----
\* One rotation is declared; what it generates is used, and it is less than all permutations.
EXTENDS Naturals, TLC
CONSTANTS a, b, c, d
VARIABLE token
Node == {a, b, c, d}
After == (a :> b) @@ (b :> c) @@ (c :> d) @@ (d :> a)
Perms == {After}
Init == token = [n \in Node |-> 0]
Pass(n) == token[n] < 1 /\ token' = [token EXCEPT ![n] = 1]
Move(n) == token[n] = 1 /\ token[After[n]] = 0 /\ token' = [token EXCEPT ![n] = 0, ![After[n]] = 1]
Next == \E n \in Node : Pass(n) \/ Move(n)
Spec == Init /\ [][Next]_token
====
