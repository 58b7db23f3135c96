\* expect: ok
\* distinct: 6
\* generated: 12
\* depth: 5
---- MODULE ChosenSafely ----
\* CHOOSE of something that is no element, or the only one, tells nothing apart.
EXTENDS FiniteSets, TLC
CONSTANTS Value, NoValue
VARIABLES voted, result
Perms == Permutations(Value)
None == CHOOSE v \in {NoValue} : v \notin Value
Init == voted = {} /\ result = None
Vote(v) == result = None /\ v \notin voted /\ voted' = voted \cup {v} /\ UNCHANGED result
Decide == /\ Cardinality(voted) = 1 /\ result = None
          /\ result' = CHOOSE v \in Value : v \in voted
          /\ UNCHANGED voted
Next == Decide \/ \E v \in Value : Vote(v)
Spec == Init /\ [][Next]_<<voted, result>>
====
