\* expect: ok
\* distinct: 435
\* generated: 1519
\* depth: 13
---------------------------- MODULE RingElection ----------------------------
(* Chang and Roberts' election on a one-way ring: every node sends its rank *)
(* to its neighbour, passes on larger ranks, drops smaller ones, and leads  *)
(* when its own rank comes back.                                            *)
(*                                                                          *)
(* It needs distinct ranks: with SameRank = TRUE two nodes share the        *)
(* largest, and SameRank.cfg finds two leaders.                             *)
EXTENDS Naturals, FiniteSets

CONSTANTS Size, SameRank

Nodes == 1..Size
Neighbour(n) == (n % Size) + 1

(* Ranks in an order that makes messages travel far. *)
Rank(n) == IF SameRank /\ n = 1 THEN Size ELSE n

VARIABLES
    inbox,   \* ranks on their way to each node
    started, \* nodes that have sent their own rank
    leaders  \* nodes that believe they lead

vars == <<inbox, started, leaders>>

TypeOK ==
    /\ inbox \in [Nodes -> SUBSET Nodes]
    /\ started \subseteq Nodes
    /\ leaders \subseteq Nodes

Init ==
    /\ inbox = [n \in Nodes |-> {}]
    /\ started = {}
    /\ leaders = {}

Start(n) ==
    /\ n \notin started
    /\ started' = started \cup {n}
    /\ inbox' = [inbox EXCEPT ![Neighbour(n)] = @ \cup {Rank(n)}]
    /\ UNCHANGED leaders

PassOn(n) == \E r \in inbox[n] :
    /\ r > Rank(n)
    /\ inbox' = [inbox EXCEPT ![n] = @ \ {r}, ![Neighbour(n)] = @ \cup {r}]
    /\ UNCHANGED <<started, leaders>>

Drop(n) == \E r \in inbox[n] :
    /\ r < Rank(n)
    /\ inbox' = [inbox EXCEPT ![n] = @ \ {r}]
    /\ started' = started \cup {n}
    /\ UNCHANGED leaders

Win(n) ==
    /\ Rank(n) \in inbox[n]
    /\ inbox' = [inbox EXCEPT ![n] = @ \ {Rank(n)}]
    /\ leaders' = leaders \cup {n}
    /\ UNCHANGED started

Next == \E n \in Nodes : Start(n) \/ PassOn(n) \/ Drop(n) \/ Win(n)

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------

OneLeader == Cardinality(leaders) <= 1

TheLargestLeads == \A n \in leaders : \A m \in Nodes : Rank(m) <= Rank(n)

=============================================================================
