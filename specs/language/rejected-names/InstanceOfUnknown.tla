---- MODULE InstanceOfUnknown ----
A == I!Op  \*! 4200
====
