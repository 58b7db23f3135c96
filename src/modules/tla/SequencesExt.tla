---- MODULE SequencesExt ----
EXTENDS Sequences, Naturals, FiniteSets, FiniteSetsExt, Folds, Functions, Bags, TLC
ToSet(s) == {s[i] : i \in DOMAIN s}
ToBag(s) == [x \in ToSet(s) |-> Cardinality({i \in DOMAIN s : s[i] = x})]
SetToSeq(S) == CHOOSE s \in [1 .. Cardinality(S) -> S] : \A x \in S : \E i \in DOMAIN s : s[i] = x
SetToSeqs(S) ==
  {s \in [1 .. Cardinality(S) -> S] : \A x \in S : \E i \in DOMAIN s : s[i] = x}
SetToSortSeq(S, op(_, _)) == SortSeq(SetToSeq(S), op)
SetToAllKPermutations(S) == UNION {SetToSeqs(T) : T \in SUBSET S}
TupleOf(set, n) == [1 .. n -> set]
SeqOf(set, n) == UNION {[1 .. m -> set] : m \in 0 .. n}
BoundedSeq(S, n) == SeqOf(S, n)
Contains(s, e) == \E i \in 1 .. Len(s) : s[i] = e
IsSorted(s, op(_, _)) == \A i, j \in 1 .. Len(s) : i < j => op(s[i], s[j])
Reverse(s) == [i \in 1 .. Len(s) |-> s[(Len(s) + 1) - i]]
Remove(s, e) == SelectSeq(s, LAMBDA x : x # e)
ReplaceAll(s, old, new) == [i \in 1 .. Len(s) |-> IF s[i] = old THEN new ELSE s[i]]
LOCAL First(I) == IF I = {} THEN 0 ELSE Min(I)
LOCAL Final(I) == IF I = {} THEN 0 ELSE Max(I)
SelectInSeq(seq, Test(_)) == First({i \in 1 .. Len(seq) : Test(seq[i])})
SelectInSubSeq(seq, from, to, Test(_)) == First({i \in from .. to : Test(seq[i])})
SelectLastInSeq(seq, Test(_)) == Final({i \in 1 .. Len(seq) : Test(seq[i])})
SelectLastInSubSeq(seq, from, to, Test(_)) == Final({i \in from .. to : Test(seq[i])})
InsertAt(s, i, e) == SubSeq(s, 1, i - 1) \o <<e>> \o SubSeq(s, i, Len(s))
ReplaceAt(s, i, e) == [s EXCEPT ![i] = e]
RemoveAt(s, i) == SubSeq(s, 1, i - 1) \o SubSeq(s, i + 1, Len(s))
RemoveFirstMatch(s, Test(_)) ==
  LET i == SelectInSeq(s, Test) IN IF i = 0 THEN s ELSE RemoveAt(s, i)
RemoveFirst(s, e) == RemoveFirstMatch(s, LAMBDA x : x = e)
Cons(elt, seq) == <<elt>> \o seq
Snoc(elt, seq) == Append(seq, elt)
Front(s) == SubSeq(s, 1, Len(s) - 1)
Last(s) == s[Len(s)]
IsPrefix(s, t) == Len(s) \leq Len(t) /\ SubSeq(s, 1, Len(s)) = SubSeq(t, 1, Len(s))
IsStrictPrefix(s, t) == IsPrefix(s, t) /\ s # t
IsSuffix(s, t) == IsPrefix(Reverse(s), Reverse(t))
IsStrictSuffix(s, t) == IsSuffix(s, t) /\ s # t
Prefixes(s) == {SubSeq(s, 1, n) : n \in 0 .. Len(s)}
CommonPrefixes(S) == {p \in UNION {Prefixes(s) : s \in S} : \A s \in S : IsPrefix(p, s)}
LongestCommonPrefix(S) ==
  CHOOSE p \in CommonPrefixes(S) : \A q \in CommonPrefixes(S) : Len(q) \leq Len(p)
Suffixes(s) == {SubSeq(s, n, Len(s)) : n \in 1 .. Len(s)} \cup {<<>>}
SeqMod(a, b) == IF a % b = 0 THEN b ELSE a % b
FoldSeq(op(_, _), base, seq) == FoldFunction(op, base, seq)
FoldLeft(op(_, _), base, seq) ==
  LET folded[n \in 0 .. Len(seq)] == IF n = 0 THEN base ELSE op(folded[n - 1], seq[n])
  IN folded[Len(seq)]
FoldRight(op(_, _), seq, base) == FoldLeft(LAMBDA acc, x : op(x, acc), base, Reverse(seq))
FoldLeftDomain(op(_, _), base, seq) == FoldLeft(op, base, [i \in DOMAIN seq |-> i])
FoldRightDomain(op(_, _), seq, base) == FoldRight(op, [i \in DOMAIN seq |-> i], base)
FlattenSeq(seqs) ==
  IF Len(seqs) = 0 THEN seqs ELSE FoldLeft(LAMBDA acc, s : acc \o s, Head(seqs), Tail(seqs))
Zip(s, t) == [i \in 1 .. Min({Len(s), Len(t)}) |-> <<s[i], t[i]>>]
Interleave(s, t) ==
  CASE Len(s) = Len(t) /\ Len(s) > 0 ->
         [i \in 1 .. (2 * Len(s)) |-> IF i % 2 = 1 THEN <<s[(i + 1) \div 2]>> ELSE <<t[i \div 2]>>]
    [] Len(s) = Len(t) /\ Len(s) = 0 -> <<s, t>>
SubSeqs(s) == {SubSeq(s, i + 1, j) : i, j \in 0 .. Len(s)}
AllSubSeqs(s) ==
  {FoldLeft(LAMBDA t, i : Append(t, s[i]), <<>>, SetToSortSeq(I, LAMBDA i, j : i < j)) :
     I \in SUBSET DOMAIN s}
IndexFirstSubSeq(s, t) ==
  CHOOSE i \in 1 .. (1 + Len(t)) :
    /\ IsPrefix(s, SubSeq(t, i, Len(t)))
    /\ \A j \in 1 .. (i - 1) : ~IsPrefix(s, SubSeq(t, j, Len(t)))
ReplaceSubSeqAt(i, r, s, t) == SubSeq(t, 1, i - 1) \o r \o SubSeq(t, i + Len(s), Len(t))
ReplaceFirstSubSeq(r, s, t) ==
  IF s \in SubSeqs(t) THEN ReplaceSubSeqAt(IndexFirstSubSeq(s, t), r, s, t) ELSE t
ReplaceAllSubSeqs(r, s, t) ==
  LET From[i \in 1 .. (1 + Len(t))] ==
        IF i > Len(t) THEN <<>>
        ELSE IF Len(s) = 0 THEN r \o <<t[i]>> \o From[i + 1]
        ELSE IF IsPrefix(s, SubSeq(t, i, Len(t))) THEN r \o From[i + Len(s)]
        ELSE <<t[i]>> \o From[i + 1]
  IN IF s = t THEN r ELSE From[1]
====
