---- MODULE FiniteSetTheorems ----
EXTENDS FiniteSets, Sequences, Functions, WellFoundedInduction
FiniteSubsetsOf(S) == {T \in SUBSET S : IsFiniteSet(T)}
StrictSubsetOrdering(S) == {p \in (SUBSET S) \X (SUBSET S) : p[1] \subseteq p[2] /\ p[1] # p[2]}
====
