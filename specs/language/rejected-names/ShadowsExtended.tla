---- MODULE ShadowsExtended ----
EXTENDS Naturals
A == CHOOSE Nat \in {1} : TRUE  \*! 4201
====
