\* expect: assumption
\* why: typed model values of two types may not be compared
---- MODULE TypedModelValuesMixed ----
CONSTANTS A_1, B_1
VARIABLES x
ASSUME A_1 # B_1
Init == x = 0
Next == x' = x
====
