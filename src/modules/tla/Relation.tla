---- MODULE Relation ----
(* A relation over S is a function R[x, y] or, in the operators ending in Under, an operator. *)
EXTENDS Naturals, FiniteSets
IsReflexiveUnder(op(_, _), S) == \A x \in S : op(x, x)
IsReflexive(R, S) == \A x \in S : R[x, x]
IsIrreflexiveUnder(op(_, _), S) == \A x \in S : ~op(x, x)
IsIrreflexive(R, S) == \A x \in S : ~R[x, x]
IsSymmetricUnder(op(_, _), S) == \A x, y \in S : op(x, y) <=> op(y, x)
IsSymmetric(R, S) == \A x, y \in S : R[x, y] <=> R[y, x]
IsAntiSymmetricUnder(op(_, _), S) == \A x, y \in S : op(x, y) /\ op(y, x) => x = y
IsAntiSymmetric(R, S) == \A x, y \in S : R[x, y] /\ R[y, x] => x = y
IsAsymmetricUnder(op(_, _), S) == \A x, y \in S : ~(op(x, y) /\ op(y, x))
IsAsymmetric(R, S) == \A x, y \in S : ~(R[x, y] /\ R[y, x])
IsTransitiveUnder(op(_, _), S) == \A x, y, z \in S : op(x, y) /\ op(y, z) => op(x, z)
IsTransitive(R, S) == \A x, y, z \in S : R[x, y] /\ R[y, z] => R[x, z]
IsStrictlyPartiallyOrderedUnder(op(_, _), S) ==
  /\ IsIrreflexiveUnder(op, S)
  /\ IsAntiSymmetricUnder(op, S)
  /\ IsTransitiveUnder(op, S)
IsStrictlyPartiallyOrdered(R, S) ==
  IsIrreflexive(R, S) /\ IsAntiSymmetric(R, S) /\ IsTransitive(R, S)
IsPartiallyOrderedUnder(op(_, _), S) ==
  /\ IsReflexiveUnder(op, S)
  /\ IsAntiSymmetricUnder(op, S)
  /\ IsTransitiveUnder(op, S)
IsPartiallyOrdered(R, S) == IsReflexive(R, S) /\ IsAntiSymmetric(R, S) /\ IsTransitive(R, S)
IsStrictlyTotallyOrderedUnder(op(_, _), S) ==
  /\ IsStrictlyPartiallyOrderedUnder(op, S)
  /\ \A x, y \in S : x # y => op(x, y) \/ op(y, x)
IsStrictlyTotallyOrdered(R, S) ==
  /\ IsStrictlyPartiallyOrdered(R, S)
  /\ \A x, y \in S : x # y => R[x, y] \/ R[y, x]
IsTotallyOrderedUnder(op(_, _), S) ==
  /\ IsPartiallyOrderedUnder(op, S)
  /\ \A x, y \in S : op(x, y) \/ op(y, x)
IsTotallyOrdered(R, S) ==
  /\ IsPartiallyOrdered(R, S)
  /\ \A x, y \in S : R[x, y] \/ R[y, x]
TransitiveClosure(R, S) ==
  LET reach[n \in Nat] ==
        [x, y \in S |-> IF n = 0 THEN R[x, y]
                        ELSE reach[n - 1][x, y] \/ \E z \in S : reach[n - 1][x, z] /\ reach[n - 1][z, y]]
  IN reach[Cardinality(S)]
ReflexiveTransitiveClosure(R, S) ==
  LET closure == TransitiveClosure(R, S)
  IN [x, y \in S |-> x = y \/ closure[x, y]]
IsConnected(R, S) ==
  LET closure == ReflexiveTransitiveClosure(R, S)
  IN \A x, y \in S : closure[x, y]
====
