---- MODULE FiniteSets ----
LOCAL INSTANCE Naturals
LOCAL INSTANCE Sequences
IsFiniteSet(S) == \E s \in Seq(S) : \A e \in S : \E i \in 1 .. Len(s) : s[i] = e
Cardinality(S) ==
  LET size[T \in SUBSET S] == IF T = {} THEN 0 ELSE 1 + size[T \ {CHOOSE x \in T : TRUE}]
  IN size[S]
====
