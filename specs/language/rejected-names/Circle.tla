---- MODULE Circle ----
EXTENDS Circle1
====
---- MODULE Circle1 ----
EXTENDS Circle2
====
---- MODULE Circle2 ----
A == INSTANCE Circle1  \*! 4222
====
