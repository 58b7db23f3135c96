\* expect: ok
\* why: typed model values of one type, and untyped ones, may be compared
---- MODULE TypedModelValues ----
EXTENDS Naturals
CONSTANTS A_1, A_2, B_1, m
VARIABLES x
ASSUME A_1 # A_2 /\ m # A_1 /\ m # B_1 /\ {A_1, A_2, m} # {m}
Init == x = 0
Next == x' = x
====
