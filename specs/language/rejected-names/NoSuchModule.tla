---- MODULE NoSuchModule ----
EXTENDS Natruals  \*! 4220
A == 1
====
