---- MODULE SequencesTheorems ----
EXTENDS SequenceTheorems
====
