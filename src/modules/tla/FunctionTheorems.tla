---- MODULE FunctionTheorems ----
EXTENDS Functions
====
