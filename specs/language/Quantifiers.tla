\* expect: ok
\* distinct: 4
\* generated: 12
\* depth: 1
\* why: bounded quantifiers over several sets and patterns
-------------------- MODULE Quantifiers --------------------
EXTENDS Naturals
VARIABLE f

Init == f \in [1..2 -> {0, 1}]
Next == \E i, j \in 1..2 : i # j /\ f' = [f EXCEPT ![i] = f[j]]

Facts ==
    /\ \A i \in {} : FALSE
    /\ ~ \E i \in {} : TRUE
    /\ \A i, j \in 1..2, <<a, b>> \in {<<1, 2>>} : i + j > a - b + 1
    /\ (\E i \in 1..2 : f[i] = 1) <=> ~ \A i \in 1..2 : f[i] = 0
============================================================
