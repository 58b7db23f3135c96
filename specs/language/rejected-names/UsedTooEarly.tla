---- MODULE UsedTooEarly ----
First == Second  \*! 4200
Second == 1
====
