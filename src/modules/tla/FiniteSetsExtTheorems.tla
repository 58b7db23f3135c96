---- MODULE FiniteSetsExtTheorems ----
EXTENDS FiniteSetsExt, FiniteSets, FiniteSetTheorems
====
