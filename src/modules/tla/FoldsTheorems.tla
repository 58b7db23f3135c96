---- MODULE FoldsTheorems ----
EXTENDS Folds
====
