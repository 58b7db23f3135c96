------------------------------ MODULE Scenarios ------------------------------
(* What is to happen, as invariants that say it never does: the counterexample *)
(* is the shortest behaviour in which it does.                                 *)
EXTENDS TwoPhaseCommit, FiniteSets, Integers

(* Everybody commits. *)
NeverCommitted == \E p \in Participants : state[p] # "committed"

(* Somebody refuses, after the others have voted, and everybody aborts. *)
NeverRefused ==
    ~ /\ \A p \in Participants : state[p] = "aborted"
      /\ Cardinality(votes) = Cardinality(Participants) - 1

(* All votes have arrived, but it is too late: everybody aborts. *)
NeverLate ==
    ~ /\ \A p \in Participants : state[p] = "aborted"
      /\ votes = Participants

(* The coordinator decides before anybody has voted. *)
NeverHasty ==
    ~ /\ decision = "abort"
      /\ \E p \in Participants : [type |-> "prepared", from |-> p] \in messages
      /\ \E p \in Participants : state[p] = "aborted" /\ [type |-> "prepared", from |-> p] \in messages
      /\ \E p \in Participants : state[p] = "aborted" /\ [type |-> "prepared", from |-> p] \notin messages
      /\ votes = {}
==============================================================================
