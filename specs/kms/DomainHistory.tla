----------------------------- MODULE DomainHistory -----------------------------
(* What a key-management domain is, without tokens, signatures or networks.     *)
(*                                                                              *)
(* There is one history of domain versions. Each says who its members and       *)
(* operators are and which key is current; keys are named by the version they   *)
(* were minted with. Members follow the history and never go back. Whoever      *)
(* takes hold of a module that has been removed learns the keys it was entitled *)
(* to, and no others: so the current key stays secret.                          *)
(*                                                                              *)
(* KeyDomain implements this by tokens that pass through the adversary's hands. *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Hosts,       \* genuine security modules
    Founders,    \* the first members
    Operators,   \* whoever may become an operator
    Governors,   \* the first operators
    VersionMax   \* how long the history grows

VARIABLES
    history,   \* the domain versions, oldest first
    position,  \* the version each host is at, 0 if at none
    exposed    \* keys that the adversary knows

vars == <<history, position, exposed>>

Versions == 1..VersionMax

Domain ==
    [members : SUBSET Hosts, operators : SUBSET Operators, key : Versions, keys : SUBSET Versions]

TypeOK ==
    /\ history \in Seq(Domain)
    /\ position \in [Hosts -> 0..VersionMax]
    /\ exposed \subseteq Versions

Newest == history[Len(history)]

Init ==
    /\ history = <<[members |-> Founders, operators |-> Governors, key |-> 1, keys |-> {1}]>>
    /\ position = [h \in Hosts |-> IF h \in Founders THEN 1 ELSE 0]
    /\ exposed = {}

WasMember(h) == \E v \in DOMAIN history : h \in history[v].members

(* Nobody who was removed comes back, somebody stays to pass on the keys, old   *)
(* keys are kept for what was encrypted under them, and a removal needs a fresh *)
(* key.                                                                         *)
Successors ==
    LET d == Newest
        version == Len(history) + 1
        past == UNION {history[v].members : v \in DOMAIN history}
        Successor(members, operators, mints) ==
            [members |-> members,
             operators |-> operators,
             key |-> IF mints THEN version ELSE d.key,
             keys |-> IF mints THEN d.keys \cup {version} ELSE d.keys]
        memberships == {m \in SUBSET Hosts : m \cap d.members # {} /\ (m \ d.members) \cap past = {}}
    IN  {Successor(c[1], c[2], c[3]) :
            c \in {e \in memberships \X (SUBSET Operators) \X BOOLEAN : d.members \subseteq e[1] \/ e[3]}}

Evolve ==
    /\ Len(history) < VersionMax
    /\ history' \in {Append(history, d) : d \in Successors}
    /\ UNCHANGED <<position, exposed>>

(* A host need not see every version. *)
Follow(h) ==
    /\ \E v \in position[h] + 1..Len(history) :
        /\ h \in history[v].members
        /\ position' = [position EXCEPT ![h] = v]
    /\ UNCHANGED <<history, exposed>>

(* A host learns that it has been removed. *)
Leave(h) ==
    /\ position[h] # 0
    /\ \E v \in position[h] + 1..Len(history) :
        /\ h \notin history[v].members
        /\ position' = [position EXCEPT ![h] = v]
    /\ UNCHANGED <<history, exposed>>

(* A removed host falls into the adversary's hands, and with it every key it    *)
(* was entitled to.                                                             *)
Expose(h) ==
    /\ h \notin Newest.members
    /\ WasMember(h)
    /\ exposed' = exposed \cup UNION {d.keys : d \in {e \in {history[v] : v \in DOMAIN history} : h \in e.members}}
    /\ position' = [position EXCEPT ![h] = 0]
    /\ UNCHANGED history

Next == Evolve \/ \E h \in Hosts : Follow(h) \/ Leave(h) \/ Expose(h)

Spec == Init /\ [][Next]_vars

--------------------------------------------------------------------------------

(* What a user of the service wants to hear: what is encrypted now is safe from *)
(* everybody who has been removed.                                              *)
CurrentKeySecret == Newest.key \notin exposed

(* Whoever had a key that is exposed has been removed, or shared it with        *)
(* somebody who has.                                                            *)
ExposedKeysAreOld ==
    \A k \in exposed : \E v \in DOMAIN history : k \in history[v].keys /\ ~(history[v].members \subseteq Newest.members)

HistoryOnlyGrows ==
    [][/\ Len(history') >= Len(history)
       /\ \A v \in DOMAIN history : history'[v] = history[v]]_history

================================================================================
