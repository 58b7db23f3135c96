\* expect: ok
\* distinct: 2
\* why: antecedents of all kinds that are never true, and instances of which one is
-------------------- MODULE NeverAsked ---------------------
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = 1 - x
Spec == Init /\ [][Next]_x /\ WF_x(Next)
Always == []((x = 5) => <>(x = 6))  \*! liveness-vacuous
Initially == (x = 1) => <>(x = 6)  \*! liveness-vacuous
Later == (<>(x = 5)) => <>(x = 6)  \*! liveness-vacuous
Repeatedly == ([]<>(x = 5)) ~> (x = 6)  \*! liveness-vacuous
OneOfThem == \A i \in {1, 5} : (x = i) ~> (x = 0)
============================================================
