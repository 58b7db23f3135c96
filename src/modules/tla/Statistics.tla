---- MODULE Statistics ----
EXTENDS Naturals
ChiSquare(expected, actual, alpha) == TRUE
====
