------------------------------- MODULE Observed -------------------------------
(* KeyDomain, and beside its state what can be found out about an              *)
(* implementation by trying: which keys the adversary can compute with the     *)
(* secrets that it has, and which keys the hosts that serve can open.          *)
EXTENDS MCKeyDomain

VARIABLES
    known,        \* keys that the adversary can compute
    held          \* host -> the keys with which it can decrypt

Holds(h) == IF h \in running THEN token[last[h]].keys ELSE {}

ObservedInit ==
    /\ Init
    /\ known = Known
    /\ held = [h \in Hosts |-> Holds(h)]

Found ==
    /\ known' = Known'
    /\ held' = [h \in Hosts |-> Holds(h)']

ObservedNext ==
    \/ \E h \in Hosts :
        \/ Propose(h) /\ Found
        \/ Crash(h) /\ Found
        \/ Encrypt(h) /\ Found
        \/ Capture(h) /\ Found
    \/ \E o \in HonestOperators \cup SpareOperators, i \in TokenIds : Approve(o, i) /\ Found
    \/ \E h \in Hosts, i \in TokenIds :
        \/ Issue(h, i) /\ Found
        \/ Deliver(h, i) /\ Found
        \/ Retire(h, i) /\ Found
        \/ Inject(h, i) /\ Found
        \/ Replay(h, i) /\ Found
    \/ \E o \in CorruptOperators, i \in TokenIds : SignAnything(o, i) /\ Found
    \/ \E m \in Machines, i \in TokenIds : Forge(m, i) /\ Found

ObservedSpec == ObservedInit /\ [][ObservedNext]_<<vars, known, held>>

ObservedFairSpec == ObservedSpec /\ Fairness

================================================================================
