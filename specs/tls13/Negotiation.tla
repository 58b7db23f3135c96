------------------------------ MODULE Negotiation ------------------------------
(* Client and server agree on a protocol version while somebody in the middle   *)
(* changes what they say. Both speak TLS 1.3 and, for old peers, TLS 1.2.       *)
(*                                                                              *)
(*   client -> hello: the versions it offers                                    *)
(*   server -> hello: the version it chose, the highest it shares with the offer*)
(*   server -> finished: a digest of both hellos as the server knows them       *)
(*                                                                              *)
(* In TLS 1.3 the server's signature covers both hellos. In TLS 1.2 it covers   *)
(* only random values: whoever can break an old key exchange can forge the      *)
(* finished message, and so hide that the offer was cut down. Hence the mark    *)
(* (RFC 8446, 4.1.3): a server that speaks 1.3 but is asked for less puts a     *)
(* fixed value into its random, which the old signature does cover.             *)
(* With Marks = FALSE the server does not, and Unmarked.cfg shows a downgrade.  *)
EXTENDS Naturals

CONSTANTS
    Marks,           \* does a server mark that it speaks more than was asked for?
    BreaksOldKeys    \* can the adversary break the key exchange of TLS 1.2?

Versions == {12, 13}
Abilities == {{12}, {13}, {12, 13}}

VARIABLES
    client,   \* versions the client speaks
    server,   \* versions the server speaks
    phase,    \* of the client: start, offered, answered, done, failed
    offer,    \* the client's hello as it is on the wire
    heard,    \* the offer as the server got it, {} before
    answer    \* the server's hello on the wire: version, mark, transcript

vars == <<client, server, phase, offer, heard, answer>>

NoAnswer == [version |-> 0, marked |-> FALSE, digest |-> {}]

TypeOK ==
    /\ client \in Abilities /\ server \in Abilities
    /\ phase \in {"start", "offered", "answered", "done", "failed"}
    /\ offer \subseteq Versions /\ heard \subseteq Versions
    /\ answer \in [version : Versions \cup {0}, marked : BOOLEAN, digest : SUBSET Versions]

Init ==
    /\ client \in Abilities /\ server \in Abilities
    /\ phase = "start"
    /\ offer = {} /\ heard = {}
    /\ answer = NoAnswer

Highest(set) == CHOOSE v \in set : \A w \in set : w <= v

SendOffer ==
    /\ phase = "start"
    /\ phase' = "offered"
    /\ offer' = client
    /\ UNCHANGED <<client, server, heard, answer>>

Answer ==
    /\ phase = "offered"
    /\ heard = {}
    /\ offer \cap server # {}
    /\ LET version == Highest(offer \cap server)
       IN  answer' = [version |-> version,
                      marked |-> Marks /\ version < Highest(server),
                      digest |-> offer]
    /\ heard' = offer
    /\ phase' = "answered"
    /\ UNCHANGED <<client, server, offer>>

(* The client: is the version one I offered, is the digest that of my offer,    *)
(* and does no mark tell me that the server could have done better?             *)
Acceptable ==
    /\ answer.version \in client
    /\ answer.digest = client
    /\ answer.marked => answer.version = Highest(client)

Finish ==
    /\ phase = "answered"
    /\ phase' = IF Acceptable THEN "done" ELSE "failed"
    /\ UNCHANGED <<client, server, offer, heard, answer>>

--------------------------------------------------------------------------------
(* The adversary in the middle. *)

CutOffer ==
    /\ phase = "offered"
    /\ \E less \in SUBSET offer \ {{}, offer} : offer' = less
    /\ UNCHANGED <<client, server, phase, heard, answer>>

(* Signatures stand: the version of a 1.3 answer, and the mark, cannot be       *)
(* changed. The finished message of a broken 1.2 handshake can.                 *)
ForgeFinished ==
    /\ phase = "answered"
    /\ BreaksOldKeys
    /\ answer.version = 12
    /\ answer' = [answer EXCEPT !.digest = client]
    /\ UNCHANGED <<client, server, phase, offer, heard>>

Next == SendOffer \/ Answer \/ Finish \/ CutOffer \/ ForgeFinished

Spec == Init /\ [][Next]_vars

--------------------------------------------------------------------------------

(* A finished handshake uses the best version that both speak. *)
NoDowngrade == phase = "done" => answer.version = Highest(client \cap server)

================================================================================
