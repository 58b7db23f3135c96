---- MODULE InstanceMember ----
S == INSTANCE Sequences
A == S!Lenn(<<1>>)  \*! 4200
====
