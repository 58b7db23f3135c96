---- MODULE PrimedTwice ----
VARIABLE x
A == x''  \*! 4205
====
