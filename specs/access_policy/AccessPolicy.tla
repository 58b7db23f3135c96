------------------------------ MODULE AccessPolicy ------------------------------
(* May somebody read a bucket? Principals belong to accounts; roles of an        *)
(* account may be assumed by principals that the role trusts. A request is       *)
(* decided by all statements of the bucket's policy and of the caller's own:     *)
(*                                                                               *)
(*   an explicit deny always wins;                                               *)
(*   within the bucket's account an allow on either side is enough;              *)
(*   across accounts both sides must allow.                                      *)
(*                                                                               *)
(* Administrators of each account edit statements one at a time, and the world   *)
(* assumes what roles it can, one after another. A guardrail at the bucket's     *)
(* account denies everybody outside the organisation. The question: is there an  *)
(* order of edits after which the world reads the bucket?                        *)
(*                                                                               *)
(* With DenyWins = FALSE an allow that is found first wins, as when statements   *)
(* are evaluated in order; DenyLoses.cfg shows how the bucket becomes public.    *)
(* With TrustsInside = FALSE a role may trust anybody: the deny sees only the    *)
(* role, which is inside, and RoleLent.cfg shows the confused deputy.            *)
EXTENDS FiniteSets

CONSTANTS
    DenyWins,      \* does an explicit deny win over any allow?
    TrustsInside   \* may a role trust only principals of the organisation?

(* Accounts: the bucket's, another of the organisation, and the world's.         *)
Users == {"owner", "partner", "stranger"}
Roles == {"reader"}
Principals == Users \cup Roles

AccountOf(p) ==
    CASE p = "owner" -> "home"
      [] p = "partner" -> "sister"
      [] p = "stranger" -> "world"
      [] p = "reader" -> "sister"

Organisation == {"home", "sister"}
Inside(p) == AccountOf(p) \in Organisation

VARIABLES
    bucket,    \* principals that the bucket's policy allows
    own,       \* principals that their own account's policy allows to read it
    trusts,    \* role -> users who may assume it
    sessions   \* who has assumed which role

vars == <<bucket, own, trusts, sessions>>

TypeOK ==
    /\ bucket \subseteq Principals
    /\ own \subseteq Principals
    /\ trusts \in [Roles -> SUBSET Users]
    /\ sessions \subseteq Users \X Roles

Init ==
    /\ bucket = {"owner"}
    /\ own = {}
    /\ trusts = [r \in Roles |-> {}]
    /\ sessions = {}

(* The guardrail: an explicit deny on the bucket. *)
Denied(p) == ~Inside(p)

Allowed(p) ==
    IF AccountOf(p) = "home" THEN p \in bucket \cup own ELSE p \in bucket \cap own

Reads(p) == IF DenyWins THEN Allowed(p) /\ ~Denied(p) ELSE Allowed(p)

EditBucket(p) ==
    /\ bucket' = IF p \in bucket THEN bucket \ {p} ELSE bucket \cup {p}
    /\ UNCHANGED <<own, trusts, sessions>>

EditOwn(p) ==
    /\ own' = IF p \in own THEN own \ {p} ELSE own \cup {p}
    /\ UNCHANGED <<bucket, trusts, sessions>>

EditTrust(r, u) ==
    /\ u \notin trusts[r] /\ TrustsInside => Inside(u)
    /\ trusts' = [trusts EXCEPT ![r] = IF u \in @ THEN @ \ {u} ELSE @ \cup {u}]
    /\ UNCHANGED <<bucket, own, sessions>>

Assume(u, r) ==
    /\ u \in trusts[r]
    /\ sessions' = sessions \cup {<<u, r>>}
    /\ UNCHANGED <<bucket, own, trusts>>

Expire(u, r) ==
    /\ <<u, r>> \in sessions
    /\ sessions' = sessions \ {<<u, r>>}
    /\ UNCHANGED <<bucket, own, trusts>>

Next ==
    \/ \E p \in Principals : EditBucket(p) \/ EditOwn(p)
    \/ \E u \in Users, r \in Roles : EditTrust(r, u) \/ Assume(u, r) \/ Expire(u, r)

Spec == Init /\ [][Next]_vars

--------------------------------------------------------------------------------

(* Whoever reads, in person or as a role, belongs to the organisation.           *)
NotPublic ==
    \A u \in Users :
        Reads(u) \/ (\E r \in Roles : <<u, r>> \in sessions /\ Reads(r)) => Inside(u)

================================================================================
