\* expect: ok
\* distinct: 6
\* generated: 7
\* why: primes, UNCHANGED and ENABLED under a substitution of an expression
---- MODULE RefinementForms ----
EXTENDS Naturals
---- MODULE Clock ----
VARIABLE h
CInit == h \in 0..2
CTick == h' = (h + 1) % 3
CNext == CTick
CSpec == CInit /\ [][CNext]_h /\ WF_h(CTick)
CEn == ENABLED CTick
CEn2 == ENABLED (h' = 5)
Un == UNCHANGED h
====
VARIABLES a, b
vars == <<a, b>>
Init == a = 0 /\ b = 0
Step == IF b = 0 THEN b' = 1 /\ a' = a ELSE b' = 0 /\ a' = (a + 1) % 3
Spec == Init /\ [][Step]_vars /\ WF_vars(Step)
C == INSTANCE Clock WITH h <- (a + 2) % 3
D == INSTANCE Clock WITH h <- a
CSpec == C!CSpec
DInv == D!CEn
X == [][D!Un \/ D!CTick]_vars
====
