\* expect: ok
\* distinct: 288
\* generated: 1146
\* depth: 11
---------------------------- MODULE TwoPhaseCommit ----------------------------
(* Participants agree to commit or abort a transaction: each prepares or      *)
(* aborts, the coordinator commits only when all have prepared, and everyone  *)
(* follows its decision.                                                      *)
(*                                                                            *)
(* With Impatient = TRUE, a prepared participant that has waited long enough  *)
(* aborts on its own. That is the classic mistake: the coordinator may have   *)
(* decided to commit already. Impatient.cfg finds the counterexample.         *)

CONSTANTS
    Participants,  \* a set of model values
    Impatient      \* may a prepared participant give up?

VARIABLES
    state,     \* what each participant is: working, prepared, committed, aborted
    decision,  \* the coordinator's: undecided, commit, abort
    votes,     \* participants whose vote has reached the coordinator
    messages   \* everything ever sent

vars == <<state, decision, votes, messages>>

Message ==
    [type : {"prepared"}, from : Participants] \cup [type : {"commit", "abort"}]

TypeOK ==
    /\ state \in [Participants -> {"working", "prepared", "committed", "aborted"}]
    /\ decision \in {"undecided", "commit", "abort"}
    /\ votes \subseteq Participants
    /\ messages \subseteq Message

Init ==
    /\ state = [p \in Participants |-> "working"]
    /\ decision = "undecided"
    /\ votes = {}
    /\ messages = {}

-------------------------------------------------------------------------------
(* What the coordinator does. *)

ReceiveVote(p) ==
    /\ decision = "undecided"
    /\ [type |-> "prepared", from |-> p] \in messages
    /\ votes' = votes \cup {p}
    /\ UNCHANGED <<state, decision, messages>>

DecideCommit ==
    /\ decision = "undecided"
    /\ votes = Participants
    /\ decision' = "commit"
    /\ messages' = messages \cup {[type |-> "commit"]}
    /\ UNCHANGED <<state, votes>>

DecideAbort ==
    /\ decision = "undecided"
    /\ decision' = "abort"
    /\ messages' = messages \cup {[type |-> "abort"]}
    /\ UNCHANGED <<state, votes>>

-------------------------------------------------------------------------------
(* What participants do. *)

Prepare(p) ==
    /\ state[p] = "working"
    /\ state' = [state EXCEPT ![p] = "prepared"]
    /\ messages' = messages \cup {[type |-> "prepared", from |-> p]}
    /\ UNCHANGED <<decision, votes>>

Refuse(p) ==
    /\ state[p] = "working"
    /\ state' = [state EXCEPT ![p] = "aborted"]
    /\ UNCHANGED <<decision, votes, messages>>

ObeyCommit(p) ==
    /\ [type |-> "commit"] \in messages
    /\ state' = [state EXCEPT ![p] = "committed"]
    /\ UNCHANGED <<decision, votes, messages>>

ObeyAbort(p) ==
    /\ [type |-> "abort"] \in messages
    /\ state' = [state EXCEPT ![p] = "aborted"]
    /\ UNCHANGED <<decision, votes, messages>>

GiveUp(p) ==
    /\ Impatient
    /\ state[p] = "prepared"
    /\ state' = [state EXCEPT ![p] = "aborted"]
    /\ UNCHANGED <<decision, votes, messages>>

Next ==
    \/ DecideCommit
    \/ DecideAbort
    \/ \E p \in Participants :
        \/ ReceiveVote(p)
        \/ Prepare(p)
        \/ Refuse(p)
        \/ ObeyCommit(p)
        \/ ObeyAbort(p)
        \/ GiveUp(p)

Spec == Init /\ [][Next]_vars

-------------------------------------------------------------------------------

(* Nobody commits what somebody else aborts. *)
Consistent ==
    \A p, q \in Participants : ~(state[p] = "committed" /\ state[q] = "aborted")

(* Once committed or aborted, for ever. *)
Final ==
    [][\A p \in Participants : state[p] \in {"committed", "aborted"} => state'[p] = state[p]]_vars

===============================================================================
