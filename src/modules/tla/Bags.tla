---- MODULE Bags ----
(* A bag is a function from its elements to how often each occurs. *)
LOCAL INSTANCE Naturals
LOCAL Total(f) ==
  LET sum[S \in SUBSET DOMAIN f] ==
        IF S = {} THEN 0 ELSE LET x == CHOOSE y \in S : TRUE IN f[x] + sum[S \ {x}]
  IN sum[DOMAIN f]
IsABag(B) == \A x \in DOMAIN B : B[x] \in Nat \ {0}
BagToSet(B) == DOMAIN B
SetToBag(S) == [x \in S |-> 1]
BagIn(e, B) == e \in DOMAIN B
EmptyBag == <<>>
CopiesIn(e, B) == IF BagIn(e, B) THEN B[e] ELSE 0
B1 (+) B2 == [x \in DOMAIN B1 \cup DOMAIN B2 |-> CopiesIn(x, B1) + CopiesIn(x, B2)]
B1 (-) B2 ==
  [x \in {y \in DOMAIN B1 : CopiesIn(y, B1) > CopiesIn(y, B2)} |-> B1[x] - CopiesIn(x, B2)]
BagUnion(S) ==
  [x \in UNION {DOMAIN B : B \in S} |-> Total([B \in S |-> CopiesIn(x, B)])]
B1 \sqsubseteq B2 == \A x \in DOMAIN B1 : B1[x] \leq CopiesIn(x, B2)
SubBag(B) == UNION {{f \in [S -> 1 .. Total(B)] : f \sqsubseteq B} : S \in SUBSET DOMAIN B}
BagOfAll(F(_), B) ==
  [v \in {F(x) : x \in DOMAIN B} |-> Total([x \in {y \in DOMAIN B : F(y) = v} |-> B[x]])]
BagCardinality(B) == Total(B)
====
