---- MODULE BagsExt ----
LOCAL INSTANCE Bags
LOCAL INSTANCE Integers
LOCAL INSTANCE FiniteSetsExt
BagAdd(B, x) ==
  IF x \in DOMAIN B THEN [B EXCEPT ![x] = @ + 1]
  ELSE [y \in DOMAIN B \cup {x} |-> IF y = x THEN 1 ELSE B[y]]
BagRemoveAll(B, x) == [y \in DOMAIN B \ {x} |-> B[y]]
BagRemove(B, x) ==
  IF x \notin DOMAIN B THEN B
  ELSE IF B[x] = 1 THEN BagRemoveAll(B, x)
  ELSE [B EXCEPT ![x] = @ - 1]
MapThenFoldBag(op(_, _), base, f(_), choose(_), B) ==
  LET times(x, acc) ==
        LET t[n \in 0 .. B[x]] == IF n = 0 THEN acc ELSE op(t[n - 1], f(x)) IN t[B[x]]
  IN FoldSet(times, base, DOMAIN B)
FoldBag(op(_, _), base, B) ==
  MapThenFoldBag(op, base, LAMBDA x : x, LAMBDA S : CHOOSE x \in S : TRUE, B)
SumBag(B) == FoldBag(LAMBDA x, y : x + y, 0, B)
ProductBag(B) == FoldBag(LAMBDA x, y : x * y, 1, B)
====
