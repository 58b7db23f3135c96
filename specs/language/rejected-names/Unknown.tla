---- MODULE Unknown ----
VARIABLE x
Init == x = 0
Next == x' = y  \*! 4200
====
