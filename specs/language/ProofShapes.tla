\* expect: ok
\* distinct: 1
\* why: proofs of every shape are skipped
---- MODULE ProofShapes ----
EXTENDS Naturals
VARIABLES x
Init == x = 0
Next == x' = x
THEOREM TRUE
LEMMA Foo == ASSUME NEW y \in Nat, NEW P(_), y > 0 PROVE y >= 0
PROOF
  <1>1. y >= 0
    <2>1. CASE y = 1
      BY <2>1 DEF Init
    <2>2. CASE y # 1 OBVIOUS
    <2> QED BY <2>1, <2>2
  <1> DEFINE z == y + 1
             w(k) == k
  <1>2. SUFFICES ASSUME TRUE PROVE z > 0
    OBVIOUS
  <1>3. PICK k \in Nat : k > 0
    OMITTED
  <1>4. HAVE TRUE
  <1>5. TAKE u \in Nat
  <1>6. WITNESS 1 \in Nat
  <1> USE DEF Init
  <1> HIDE DEF Init
  <1>a. INSTANCE Naturals
  <1>* QED
    BY ONLY <1>1, <1>2 DEFS Init, Next
COROLLARY Bar == Init => x = 0
  BY DEF Init
PROPOSITION TRUE OBVIOUS
THEOREM T2 == ASSUME TRUE, NEW CONSTANT c, NEW VARIABLE v, NEW STATE s, NEW ACTION Ac, NEW TEMPORAL Te PROVE TRUE
OMITTED
After == 5
ASSUME After = 5
====
