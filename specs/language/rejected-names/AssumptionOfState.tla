---- MODULE AssumptionOfState ----
VARIABLE x
ASSUME x = 1  \*! 4206
====
