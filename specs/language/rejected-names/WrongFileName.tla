---- MODULE RightFileName ----  \*! 4221
A == 1
====
