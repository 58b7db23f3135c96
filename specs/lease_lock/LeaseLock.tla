\* expect: ok
\* distinct: 285
\* generated: 703
\* depth: 11
------------------------------- MODULE LeaseLock -------------------------------
(* A lock service grants leases that run out. A client that holds a lease      *)
(* writes to a store; but clients pause, and a client may wake up long after   *)
(* its lease has run out and still believe that it holds the lock.             *)
(*                                                                             *)
(* The remedy is a fencing token: a number that grows with every lease. The    *)
(* store refuses a write whose token is smaller than one it has seen. With     *)
(* Fencing = FALSE it does not look, and Unfenced.cfg shows a lost update.     *)
EXTENDS Naturals, Sequences

CONSTANTS
    Clients,   \* a set of model values
    TokenMax,  \* how many leases are granted
    Fencing    \* does the store check tokens?

None == 0

VARIABLES
    granted,  \* tokens handed out so far: the latest lease's token
    holder,   \* clients whose lease has not run out, by token: at most one
    token,    \* the token each client believes it holds, or None
    log       \* tokens of the writes the store has accepted, in order

vars == <<granted, holder, token, log>>

TypeOK ==
    /\ granted \in 0..TokenMax
    /\ holder \in SUBSET Clients
    /\ token \in [Clients -> 0..TokenMax]
    /\ log \in Seq(1..TokenMax)

Init ==
    /\ granted = 0
    /\ holder = {}
    /\ token = [c \in Clients |-> None]
    /\ log = <<>>

Acquire(c) ==
    /\ holder = {}
    /\ token[c] = None
    /\ granted < TokenMax
    /\ granted' = granted + 1
    /\ holder' = {c}
    /\ token' = [token EXCEPT ![c] = granted + 1]
    /\ UNCHANGED log

(* The service's clock runs out; the client does not notice. *)
Expire ==
    /\ holder # {}
    /\ holder' = {}
    /\ UNCHANGED <<granted, token, log>>

Accepts(t) == Fencing => \A i \in DOMAIN log : log[i] <= t

Write(c) ==
    /\ token[c] # None
    /\ Accepts(token[c])
    /\ log' = Append(log, token[c])
    /\ token' = [token EXCEPT ![c] = None]
    /\ holder' = holder \ {c}
    /\ UNCHANGED granted

(* The store answers that the lease is gone. *)
Rejected(c) ==
    /\ token[c] # None
    /\ ~Accepts(token[c])
    /\ token' = [token EXCEPT ![c] = None]
    /\ UNCHANGED <<granted, holder, log>>

Next == Expire \/ \E c \in Clients : Acquire(c) \/ Write(c) \/ Rejected(c)

Spec == Init /\ [][Next]_vars

--------------------------------------------------------------------------------

MutualExclusion == \A c, d \in holder : c = d

(* No write lands behind one of a later lease. *)
NoLostUpdate == \A i, j \in DOMAIN log : i < j => log[i] <= log[j]

================================================================================
