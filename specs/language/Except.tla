\* expect: ok
\* distinct: 9
\* generated: 13
\* depth: 5
\* why: EXCEPT with paths, @ and several updates
----------------------- MODULE Except -----------------------
EXTENDS Naturals
VARIABLE f

Init == f = [i \in 1..2 |-> [n |-> 0, log |-> <<>>]]

Next == \E i \in 1..2 :
    /\ f[i].n < 2
    /\ f' = [f EXCEPT ![i].n = @ + 1, ![i].n = @ * 1]

TypeOK == f \in [1..2 -> [n : 0..2, log : {<<>>}]]

Facts ==
    /\ [<<4, 5>> EXCEPT ![2] = @ + 1] = <<4, 6>>
    /\ [[a |-> 1] EXCEPT !.a = @ + 1, !.a = @ * 10].a = 20
    /\ [<<1, 2>> EXCEPT ![5] = 1 \div 0] = <<1, 2>>   \* outside the domain: unchanged, unevaluated
    /\ [[p \in {1, 2} \X {3} |-> 0] EXCEPT ![1, 3] = 7][1, 3] = 7
============================================================
