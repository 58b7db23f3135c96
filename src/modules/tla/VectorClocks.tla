---- MODULE VectorClocks ----
EXTENDS Naturals, Sequences, Functions
LOCAL At(c, n) == IF n \in DOMAIN c THEN c[n] ELSE 0
IsCausalOrder(log, clock(_)) ==
  \A i \in 1 .. Len(log) : \A j \in 1 .. (i - 1) :
    LET late == clock(log[i])
        early == clock(log[j])
    IN \E n \in DOMAIN late \cup DOMAIN early : At(early, n) < At(late, n)
CausalOrder(log, clock(_), node(_), domain(_)) ==
  CHOOSE l \in {f \in [1 .. Len(log) -> Range(log)] : Range(f) = Range(log)} :
    IsCausalOrder(l, clock)
====
