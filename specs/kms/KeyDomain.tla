------------------------------- MODULE KeyDomain -------------------------------
(* A fleet of security modules ("hosts") shares the keys of a domain. The state *)
(* of the domain is a token: members, operators, the quorum rule, and the       *)
(* domain keys, each encrypted to the members' agreement keys. Tokens are kept  *)
(* and carried by systems that nobody trusts; a host has room for one digest in *)
(* tamper-proof memory, that of the last token it installed.                    *)
(*                                                                              *)
(* One version leads to the next in four steps:                                 *)
(*                                                                              *)
(*   propose   a member publishes a successor of its token, signed. If a key    *)
(*             is to be minted it mints it now, and seals it for the members    *)
(*             that stay: the proposal commits to the key.                      *)
(*   approve   operators of the parent sign the proposal's digest. An honest    *)
(*             operator approves one proposal a version.                        *)
(*   issue     once a quorum has approved, a member that stays encrypts all     *)
(*             keys to the new members. Not before: a proposal may add anybody. *)
(*   install   a host accepts a token that descends from its last one by        *)
(*             approved steps, and writes down the digest before it serves.     *)
(*                                                                              *)
(* The adversary is the network and the storage: it reads everything, and       *)
(* delivers what it likes, when it likes, as often as it likes, or not at all.  *)
(* It owns machines (Outsiders) and operators (CorruptOperators), may have any  *)
(* member propose any change, and takes hosts that have been removed, with all  *)
(* their secrets. It cannot break signatures or encryption.                     *)
(*                                                                              *)
(* A token's identity is its digest: here, the number of its slot. A key's name *)
(* is the token it was minted with.                                             *)
(*                                                                              *)
(* Each guard that matters can be switched off by a constant: threats.toml says *)
(* which attack then succeeds.                                                  *)
EXTENDS Naturals, FiniteSets

CONSTANTS
    Founders,          \* genuine modules: the first members,
    Spares,            \* and those that may join
    Outsiders,         \* machines of the adversary
    HonestOperators,
    CorruptOperators,
    SpareOperators,    \* honest operators who may take somebody's place
    TokenMax,          \* proposals made in all, with the founding token
    CaptureMax         \* removed hosts that the adversary takes

CONSTANTS  \* Mitigations. All TRUE in the design; each FALSE is a mistake.
    QuorumsIntersect,     \* two quorums share an honest operator
    PledgesOnce,          \* an honest operator approves one proposal a version
    CountsApprovals,      \* a host counts approvals
    AsksParentsOperators, \* ... of the operators of the parent, not of those the token itself names
    ChecksAuthor,         \* proposals must be signed by a member of the parent
    IssuesAfterQuorum,    \* keys are encrypted to new members only after the quorum
    KeysMembersOnly,      \* keys are encrypted to the new members, not also to those before
    MintsOnRemoval,       \* a removal brings a fresh key
    KeepsOldKeys,         \* a token carries the keys of its ancestors
    RemembersLast,        \* a host that restarts knows the digest of its last token
    SurvivesBadTokens     \* a refused token is dropped, and the host goes on

Hosts == Founders \cup Spares
Machines == Hosts \cup Outsiders
Governors == HonestOperators \cup CorruptOperators
Operators == Governors \cup SpareOperators

ASSUME
    /\ Founders \cap Spares = {} /\ Hosts \cap Outsiders = {}
    /\ HonestOperators \cap CorruptOperators = {} /\ SpareOperators \cap Governors = {}
    /\ Founders # {} /\ TokenMax \in Nat \ {0} /\ CaptureMax \in Nat

(* How many corrupt operators the design withstands. *)
F == Cardinality(CorruptOperators)

(* Two quorums of `quorum` out of `operators` overlap in more than F, and F     *)
(* alone are not one.                                                           *)
SoundRule(operators, quorum) ==
    /\ quorum \in F + 1..Cardinality(operators)
    /\ QuorumsIntersect => 2 * quorum > Cardinality(operators) + F

FoundingQuorum ==
    IF QuorumsIntersect THEN (Cardinality(Governors) + F) \div 2 + 1 ELSE F + 1

TokenIds == 1..TokenMax
Genesis == 1
NoToken == 0

VARIABLES
    token,        \* every proposal ever made: what storage and network hold
    approvals,    \* operators who have signed each proposal
    keyed,        \* machines to which the keys of each token have been encrypted
    last,         \* host -> the last token it installed: its tamper-proof digest
    running,      \* hosts that serve; the others have crashed, or hold no keys
    halted,       \* hosts that have shut down for good
    captured,     \* removed hosts in the adversary's hands
    ciphertexts   \* keys under which something has been encrypted

vars == <<token, approvals, keyed, last, running, halted, captured, ciphertexts>>

Blank ==
    [parent |-> NoToken, lineage |-> {}, members |-> {}, operators |-> {}, quorum |-> 0,
     key |-> 0, keys |-> {}, author |-> "nobody", forged |-> FALSE]

TypeOK ==
    /\ \A i \in TokenIds :
        /\ token[i].parent \in TokenIds \cup {NoToken}
        /\ token[i].lineage \subseteq 1..i
        /\ token[i].members \subseteq Machines
        /\ token[i].operators \subseteq Operators
        /\ token[i].quorum \in 0..Cardinality(Operators)
        /\ token[i].key \in 0..i
        /\ token[i].keys \subseteq 1..i
        /\ token[i].author \in Machines \cup {"nobody"}
        /\ token[i].forged \in BOOLEAN
    /\ approvals \in [TokenIds -> SUBSET Operators]
    /\ keyed \in [TokenIds -> SUBSET Machines]
    /\ last \in [Hosts -> TokenIds \cup {NoToken}]
    /\ running \subseteq Hosts
    /\ halted \subseteq Hosts
    /\ captured \subseteq Hosts
    /\ ciphertexts \subseteq TokenIds

Init ==
    /\ token = [i \in TokenIds |->
         IF i = Genesis
         THEN [Blank EXCEPT !.lineage = {Genesis}, !.members = Founders, !.operators = Governors,
                            !.quorum = FoundingQuorum, !.key = Genesis, !.keys = {Genesis}]
         ELSE Blank]
    /\ approvals = [i \in TokenIds |-> {}]
    /\ keyed = [i \in TokenIds |-> IF i = Genesis THEN Founders ELSE {}]
    /\ last = [h \in Hosts |-> IF h \in Founders THEN Genesis ELSE NoToken]
    /\ running = Founders
    /\ halted = {}
    /\ captured = {}
    /\ ciphertexts = {}

--------------------------------------------------------------------------------
(* What anybody can see in the tokens. *)

Made == {i \in TokenIds : token[i].lineage # {}}

Parent(i) == token[token[i].parent]

(* The version a token makes: how many steps it is from the founding. *)
Version(i) == Cardinality(token[i].lineage)

Mints(i) == token[i].key = i

(* The members that go on from the parent: they hold its keys. *)
Continuing(i) == token[i].members \cap Parent(i).members

Approved(i) == Cardinality(approvals[i] \cap Parent(i).operators) >= Parent(i).quorum

(* The truth that hosts ought to find out: every step from the founding has the *)
(* approval of a quorum of those who were operators then.                       *)
Authorised(i) == i \in Made /\ \A j \in token[i].lineage \ {Genesis} : Approved(j)

(* The adversary issues what it has forged itself. *)
Issued(i) == keyed[i] # {} \/ token[i].forged

WasMember(m, i) == \E j \in token[i].lineage : m \in token[j].members

(* A host is removed once a quorum has said so, whether it knows it or not. *)
Removed(h) ==
    \E i \in Made \ {Genesis} :
        /\ h \in Parent(i).members \ token[i].members
        /\ Authorised(i)

Honest == Hosts \ captured

--------------------------------------------------------------------------------
(* Proposing, approving, issuing. *)

(* The changes a proposal may ask for. Anybody can have one made, so it may ask *)
(* for an outsider.                                                             *)
Changes(i) ==
    LET t == token[i]
        Change(members, operators, mints) ==
            [members |-> members, operators |-> operators, mints |-> mints]
    IN  {Change(t.members \cup {m}, t.operators, FALSE) : m \in {n \in Machines : ~WasMember(n, i)}}
        \cup {Change(t.members \ {m}, t.operators, MintsOnRemoval) : m \in t.members}
        \cup {Change(t.members, (t.operators \ {o}) \cup {p}, FALSE) :
                o \in t.operators, p \in SpareOperators \ t.operators}
        \cup {Change(t.members, t.operators, TRUE)}

Successor(i, change, author, id) ==
    LET t == token[i]
        old == IF KeepsOldKeys \/ ~change.mints THEN t.keys ELSE {}
    IN  [parent |-> i,
         lineage |-> t.lineage \cup {id},
         members |-> change.members,
         operators |-> change.operators,
         quorum |-> t.quorum,
         key |-> IF change.mints THEN id ELSE t.key,
         keys |-> IF change.mints THEN old \cup {id} ELSE old,
         author |-> author,
         forged |-> FALSE]

(* The next free slot, if there is one. *)
Next_ == Cardinality(Made) + 1
Room == Next_ <= TokenMax

SameChange(i, change, author, parent) ==
    /\ token[i].parent = parent
    /\ token[i].author = author
    /\ token[i].members = change.members
    /\ token[i].operators = change.operators

Propose(h) ==
    /\ Room
    /\ h \in running
    /\ \E change \in Changes(last[h]) :
        /\ change.members \cap token[last[h]].members # {}
        \* Asking a host twice gets the same answer.
        /\ \A i \in Made : ~SameChange(i, change, h, last[h])
        /\ token' = [token EXCEPT ![Next_] = Successor(last[h], change, h, Next_)]
    /\ UNCHANGED <<approvals, keyed, last, running, halted, captured, ciphertexts>>

(* What an honest operator looks at before signing. That machines are genuine   *)
(* is attested by their maker.                                                  *)
Lawful(i) ==
    /\ token[i].members \subseteq Hosts
    /\ Continuing(i) # {}
    /\ \A m \in token[i].members \ Parent(i).members : ~WasMember(m, token[i].parent)
    /\ SoundRule(token[i].operators, token[i].quorum)
    /\ KeepsOldKeys => Parent(i).keys \subseteq token[i].keys
    /\ MintsOnRemoval => Parent(i).members \subseteq token[i].members \/ Mints(i)
    /\ ChecksAuthor => token[i].author \in Parent(i).members

Pledged(o, version) == \E i \in Made : o \in approvals[i] /\ Version(i) = version

Approve(o, i) ==
    /\ i \in Made \ {Genesis}
    /\ o \in Parent(i).operators \ approvals[i]
    /\ ~Approved(i)
    /\ Authorised(token[i].parent)
    /\ Lawful(i)
    /\ PledgesOnce => ~Pledged(o, Version(i))
    /\ approvals' = [approvals EXCEPT ![i] = @ \cup {o}]
    /\ UNCHANGED <<token, keyed, last, running, halted, captured, ciphertexts>>

Recipients(i) == token[i].members \cup (IF KeysMembersOnly THEN {} ELSE Parent(i).members)

Issue(h, i) ==
    /\ i \in Made \ {Genesis}
    /\ h \in running \cap Continuing(i)
    /\ token[i].parent \in token[last[h]].lineage
    /\ ~Issued(i)
    /\ IssuesAfterQuorum => Approved(i)
    /\ ChecksAuthor => token[i].author \in Parent(i).members
    /\ keyed' = [keyed EXCEPT ![i] = Recipients(i)]
    /\ UNCHANGED <<token, approvals, last, running, halted, captured, ciphertexts>>

--------------------------------------------------------------------------------
(* What a host does with a token that it is given. *)

(* Where a host starts from when it checks a token. A host that has never been  *)
(* a member knows the founding token from its maker.                            *)
Base(h) ==
    IF last[h] = NoToken \/ (~RemembersLast /\ h \notin running) THEN Genesis ELSE last[h]

Verified(i) ==
    LET rule == IF AsksParentsOperators THEN Parent(i) ELSE token[i]
    IN  /\ CountsApprovals => Cardinality(approvals[i] \cap rule.operators) >= rule.quorum
        /\ ChecksAuthor => token[i].author \in Parent(i).members

DescendsVerified(i, base) ==
    /\ base \in token[i].lineage
    /\ \A j \in token[i].lineage \ token[base].lineage : Verified(j)

Accepts(h, i) ==
    /\ h \in token[i].members
    /\ h \in keyed[i] \/ token[i].forged  \* the adversary may encrypt keys of its own to anybody
    /\ DescendsVerified(i, Base(h))

Install(h, i) ==
    /\ last' = [last EXCEPT ![h] = i]
    /\ running' = running \cup {h}
    /\ UNCHANGED <<token, approvals, keyed, halted, captured, ciphertexts>>

Refuse(h) ==
    /\ halted' = IF SurvivesBadTokens THEN halted ELSE halted \cup {h}
    /\ running' = running \ halted'
    /\ UNCHANGED <<token, approvals, keyed, last, captured, ciphertexts>>

Receive(h, i) == IF Accepts(h, i) THEN Install(h, i) ELSE Refuse(h)

Live(h) == h \in Honest \ halted

(* The network does its work. Also how a host joins, and how it comes back from *)
(* a crash.                                                                     *)
Deliver(h, i) ==
    /\ Live(h)
    /\ Authorised(i)
    /\ last[h] \in token[i].lineage \cup {NoToken}
    /\ last[h] # i \/ h \notin running
    /\ Accepts(h, i)
    /\ Install(h, i)

(* A host learns that it is no longer a member. Its keys are wiped. *)
Retire(h, i) ==
    /\ Live(h)
    /\ last[h] # NoToken
    /\ h \in token[last[h]].members
    /\ i \in Made
    /\ h \notin token[i].members
    /\ Authorised(i)
    /\ DescendsVerified(i, last[h])
    /\ last' = [last EXCEPT ![h] = i]
    /\ running' = running \ {h}
    /\ UNCHANGED <<token, approvals, keyed, halted, captured, ciphertexts>>

Crash(h) ==
    /\ h \in running
    /\ running' = running \ {h}
    /\ UNCHANGED <<token, approvals, keyed, last, halted, captured, ciphertexts>>

(* Somebody's data is encrypted under the key that is current to this host. *)
Encrypt(h) ==
    /\ h \in running
    /\ token[last[h]].key \notin ciphertexts
    /\ ciphertexts' = ciphertexts \cup {token[last[h]].key}
    /\ UNCHANGED <<token, approvals, keyed, last, running, halted, captured>>

--------------------------------------------------------------------------------
(* What the adversary does, beyond asking for proposals and not delivering. *)

Controlled == captured \cup Outsiders

(* A corrupt operator signs whatever it is shown. *)
SignAnything(o, i) ==
    /\ i \in Made \ {Genesis}
    /\ o \in CorruptOperators \ approvals[i]
    /\ ~Approved(i)
    /\ approvals' = [approvals EXCEPT ![i] = @ \cup {o}]
    /\ UNCHANGED <<token, keyed, last, running, halted, captured, ciphertexts>>

(* The adversary makes a token in the name of a machine it controls. The key in *)
(* it is one that it knows. It may name its own members and operators, or leave *)
(* both as they were so that the token looks like a plain rotation.             *)
Forge(m, i) ==
    /\ Room
    /\ m \in Controlled
    /\ i \in Made
    /\ \E members \in {token[i].members, token[i].members \cup Outsiders},
          rule \in {[operators |-> token[i].operators, quorum |-> token[i].quorum],
                    [operators |-> CorruptOperators, quorum |-> F]} :
        LET change == [members |-> members, operators |-> rule.operators, mints |-> TRUE]
            forgery == [Successor(i, change, m, Next_) EXCEPT !.quorum = rule.quorum, !.forged = TRUE]
        IN  /\ \A j \in Made : ~SameChange(j, change, m, i)
            /\ token' = [token EXCEPT ![Next_] = forgery]
    /\ UNCHANGED <<approvals, keyed, last, running, halted, captured, ciphertexts>>

(* A host is given a token that no quorum has approved. *)
Inject(h, i) ==
    /\ Live(h)
    /\ i \in Made
    /\ ~Authorised(i)
    /\ Receive(h, i)

(* A host is given an old token, or one of another branch. *)
Replay(h, i) ==
    /\ Live(h)
    /\ Authorised(i)
    /\ last[h] # NoToken
    /\ last[h] \notin token[i].lineage
    /\ Receive(h, i)

(* A removed host is taken from the data centre and opened, perhaps before it   *)
(* has heard of its removal: its agreement key opens whatever was encrypted to  *)
(* it, its signing key signs for the adversary.                                 *)
Capture(h) ==
    /\ h \in Honest
    /\ Cardinality(captured) < CaptureMax
    /\ Removed(h)
    /\ captured' = captured \cup {h}
    /\ last' = [last EXCEPT ![h] = NoToken]
    /\ running' = running \ {h}
    /\ halted' = halted \ {h}
    /\ UNCHANGED <<token, approvals, keyed, ciphertexts>>

(* Keys that the adversary can compute. *)
Known ==
    {i \in Made : token[i].forged}
    \cup UNION {token[i].keys : i \in {j \in Made : keyed[j] \cap Controlled # {}}}
    \cup {i \in Made \ {Genesis} : Mints(i) /\ Continuing(i) \cap Controlled # {}}

--------------------------------------------------------------------------------

Protocol ==
    \/ \E h \in Hosts : Propose(h) \/ Crash(h) \/ Encrypt(h)
    \/ \E o \in HonestOperators \cup SpareOperators, i \in TokenIds : Approve(o, i)
    \/ \E h \in Hosts, i \in TokenIds : Issue(h, i) \/ Deliver(h, i) \/ Retire(h, i)

Adversary ==
    \/ \E o \in CorruptOperators, i \in TokenIds : SignAnything(o, i)
    \/ \E m \in Machines, i \in TokenIds : Forge(m, i)
    \/ \E h \in Hosts, i \in TokenIds : Inject(h, i) \/ Replay(h, i)
    \/ \E h \in Hosts : Capture(h)

Next == Protocol \/ Adversary

Spec == Init /\ [][Next]_vars

(* The newest token that members can open, on each branch. *)
NewestIssued(i) ==
    /\ Authorised(i)
    /\ Issued(i)
    /\ ~\E j \in Made : token[j].parent = i /\ Authorised(j) /\ Issued(j)

(* The adversary may delay, but not cut off for ever: each host is eventually   *)
(* given the newest token, or the news of its removal. And a host does not      *)
(* crash each time just before it would issue.                                  *)
Fairness ==
    \A h \in Hosts :
        /\ WF_vars(\E i \in TokenIds : NewestIssued(i) /\ Deliver(h, i))
        /\ WF_vars(\E i \in TokenIds : Retire(h, i))
        /\ SF_vars(\E i \in TokenIds : Issue(h, i))

FairSpec == Spec /\ Fairness

--------------------------------------------------------------------------------
(* Properties. *)

(* Every token an honest host has accepted descends from the founding by steps  *)
(* that quorums approved.                                                       *)
AuthorisedEvolution == \A h \in Honest : last[h] # NoToken => Authorised(last[h])

(* Authorised tokens form one line: with AuthorisedEvolution, no two honest     *)
(* hosts are ever on different branches.                                        *)
NoFork ==
    \A i, j \in Made :
        Authorised(i) /\ Authorised(j) => i \in token[j].lineage \/ j \in token[i].lineage

(* An honest host only moves to descendants of its token, also over a crash. *)
NoRollback ==
    [][\A h \in Hosts \ captured' : last[h] # NoToken => last[h] \in token'[last'[h]].lineage]_last

(* A domain key that the adversary knows is one that a machine it controls was  *)
(* entitled to as a member.                                                     *)
Secrecy ==
    \A k \in Known :
        LET tokens == {i \in Made : k \in token[i].keys /\ Authorised(i)}
        IN  tokens # {} => \E i \in tokens : token[i].members \cap Controlled # {}

(* Nobody who is not a member was ever entitled to the key that is current:     *)
(* whoever is removed leaves with old keys only.                                *)
Freshness ==
    \A i \in Made :
        Authorised(i) =>
            \A j \in token[i].lineage : token[i].key \in token[j].keys => token[j].members \subseteq token[i].members

(* A host that serves can open whatever was encrypted before, on its branch. *)
Decryptable ==
    \A h \in running :
        Authorised(last[h]) => ciphertexts \cap token[last[h]].lineage \subseteq token[last[h]].keys

(* At the end of the authorised line and serving, or knowing of its removal, or *)
(* removed before it ever joined.                                               *)
Settled(h) ==
    CASE last[h] = NoToken -> Removed(h)
      [] last[h] # NoToken /\ h \notin token[last[h]].members -> TRUE
      [] OTHER -> h \in running /\ ~\E i \in Made : token[i].parent = last[h] /\ Authorised(i)

(* Every member reaches the newest token. (Of hosts that have accepted what     *)
(* nobody authorised nothing is promised: AuthorisedEvolution says there are    *)
(* none.)                                                                       *)
Convergence ==
    \A h \in Hosts :
        (\E i \in Made : Authorised(i) /\ h \in token[i].members)
            ~> (h \in captured \/ Settled(h) \/ (last[h] # NoToken /\ ~Authorised(last[h])))

--------------------------------------------------------------------------------
(* The domain history that the tokens implement. *)

Trunk == CHOOSE i \in Made : Authorised(i) /\ \A j \in Made : Authorised(j) => Version(j) <= Version(i)

AtVersion(v) == CHOOSE i \in token[Trunk].lineage : Version(i) = v

History == INSTANCE DomainHistory WITH
    VersionMax <- TokenMax,
    history <- [v \in 1..Version(Trunk) |->
        LET t == token[AtVersion(v)]
        IN  [members |-> t.members, operators |-> t.operators,
             key |-> Version(t.key), keys |-> {Version(k) : k \in t.keys}]],
    position <- [h \in Hosts |-> IF last[h] = NoToken THEN 0 ELSE Version(last[h])],
    exposed <- {Version(k) : k \in Known \cap token[Trunk].lineage}

Refines == History!Spec

================================================================================
