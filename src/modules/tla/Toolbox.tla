---- MODULE Toolbox ----
LOCAL INSTANCE Naturals
LOCAL INSTANCE Sequences
_TETrace == <<>>
_TEPosition == 1
====
