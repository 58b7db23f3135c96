---- MODULE InstanceIncomplete ----
EXTENDS Naturals
N == INSTANCE Sequences
A == N  \*! 4203
====
