------------------------------- MODULE Mistakes -------------------------------
(* Steps that the design does not allow, one for each of its guards, and       *)
(* properties that say they are never taken: each counterexample is a          *)
(* behaviour that an implementation must refuse to follow.                     *)
EXTENDS TwoPhaseCommit

(* Who has voted to commit aborts without being told. *)
RefuseLate(p) ==
    /\ state[p] = "prepared"
    /\ [type |-> "abort"] \notin messages
    /\ state' = [state EXCEPT ![p] = "aborted"]
    /\ UNCHANGED <<decision, votes, messages>>

(* Who has aborted votes after all. *)
PrepareLate(p) ==
    /\ state[p] = "aborted"
    /\ state' = [state EXCEPT ![p] = "prepared"]
    /\ messages' = messages \cup {[type |-> "prepared", from |-> p]}
    /\ UNCHANGED <<decision, votes>>

(* The coordinator commits before all votes have arrived. *)
DecideEarly ==
    /\ decision = "undecided"
    /\ votes # {} /\ votes # Participants
    /\ decision' = "commit"
    /\ messages' = messages \cup {[type |-> "commit"]}
    /\ UNCHANGED <<state, votes>>

(* The coordinator changes its mind. *)
DecideAgain ==
    /\ decision = "commit"
    /\ decision' = "abort"
    /\ messages' = messages \cup {[type |-> "abort"]}
    /\ UNCHANGED <<state, votes>>

(* A vote counts after the decision. *)
ReceiveVoteLate(p) ==
    /\ decision # "undecided" /\ p \notin votes
    /\ [type |-> "prepared", from |-> p] \in messages
    /\ votes' = votes \cup {p}
    /\ UNCHANGED <<state, decision, messages>>

RefuseLateSpec == Init /\ [][Next \/ \E p \in Participants : RefuseLate(p)]_vars
PrepareLateSpec == Init /\ [][Next \/ \E p \in Participants : PrepareLate(p)]_vars
DecideEarlySpec == Init /\ [][Next \/ DecideEarly]_vars
DecideAgainSpec == Init /\ [][Next \/ DecideAgain]_vars
ReceiveVoteLateSpec == Init /\ [][Next \/ \E p \in Participants : ReceiveVoteLate(p)]_vars

NeverRefuseLate == [][\A p \in Participants : ~RefuseLate(p)]_vars
NeverPrepareLate == [][\A p \in Participants : ~PrepareLate(p)]_vars
NeverDecideEarly == [][~DecideEarly]_vars
NeverDecideAgain == [][~DecideAgain]_vars
NeverReceiveVoteLate == [][\A p \in Participants : ~ReceiveVoteLate(p)]_vars
===============================================================================
