---- MODULE KindsDiffer ----
EXTENDS KindsDiffer1, KindsDiffer2  \*! 4224
A == 1
====
---- MODULE KindsDiffer1 ----
Same == 1
====
---- MODULE KindsDiffer2 ----
CONSTANT Same
====
