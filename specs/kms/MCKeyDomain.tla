------------------------------ MODULE MCKeyDomain ------------------------------
(* KeyDomain with what its models need. *)
EXTENDS KeyDomain, TLC

Interchangeable ==
    Permutations(Founders) \cup Permutations(Spares) \cup Permutations(HonestOperators)

================================================================================
