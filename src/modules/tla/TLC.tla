---- MODULE TLC ----
LOCAL INSTANCE Naturals
LOCAL INSTANCE Sequences
Print(out, val) == val
PrintT(out) == TRUE
Assert(val, out) == val = TRUE
JavaTime == CHOOSE n \in Nat : TRUE
TLCGet(i) == CHOOSE n : TRUE
TLCSet(i, v) == TRUE
d :> e == [x \in {d} |-> e]
f @@ g == [x \in DOMAIN f \cup DOMAIN g |-> IF x \in DOMAIN f THEN f[x] ELSE g[x]]
Permutations(S) == {f \in [S -> S] : \A w \in S : \E v \in S : f[v] = w}
SortSeq(s, Before(_, _)) ==
  LET Place(t, e) == LET low == SelectSeq(t, LAMBDA x : ~Before(e, x))
                     IN low \o <<e>> \o SelectSeq(t, LAMBDA x : Before(e, x))
      sorted[i \in 0 .. Len(s)] == IF i = 0 THEN <<>> ELSE Place(sorted[i - 1], s[i])
  IN sorted[Len(s)]
RandomElement(s) == CHOOSE x \in s : TRUE
Any == CHOOSE x : TRUE
ToString(v) == CHOOSE s \in STRING : TRUE
TLCEval(v) == v
====
