------------------------------ MODULE Reachability ------------------------------
(* Which hosts does the internet reach, and by which way could data leave?       *)
(*                                                                               *)
(* Hosts are in subnets. A packet goes from one place to another if the subnet   *)
(* of each has a route to the other and the security group of the receiver lets  *)
(* the sender in; the internet is reached through the gateway only, from         *)
(* subnets that have a route to it. Security groups let in a set of groups, so   *)
(* that whoever takes one host may go on to the next.                            *)
(*                                                                               *)
(* Engineers change one route or one rule at a time, and an automatic check      *)
(* refuses changes. An intruder comes from the internet, takes every host that   *)
(* it reaches, and carries what it finds along any way out. With                 *)
(* ChecksWays = FALSE the check looks at single rules only (the internet is      *)
(* never let into the store's group), and Exfiltration.cfg finds the way: in     *)
(* through one host, from there to the store, and out with the data.             *)
EXTENDS FiniteSets

CONSTANT
    ChecksWays   \* does the check follow whole ways, or look at single rules?

Hosts == {"web", "worker", "store"}
Places == Hosts \cup {"internet"}

VARIABLES
    lets,      \* host -> places its security group lets in
    exits,     \* hosts whose subnet has a route to the gateway
    taken,     \* hosts the intruder has taken
    carried    \* hosts, and perhaps the internet, to which the store's data has been carried

vars == <<lets, exits, taken, carried>>

TypeOK ==
    /\ lets \in [Hosts -> SUBSET Places]
    /\ exits \subseteq Hosts
    /\ taken \subseteq Hosts
    /\ carried \subseteq Places

Init ==
    /\ lets = [h \in Hosts |-> {}]
    /\ exits = {}
    /\ taken = {}
    /\ carried = {"store"}

(* A packet goes from a to b. Answers need a way back, hence the exit of a host  *)
(* that is reached from the internet.                                            *)
Goes(from, to, rules, ways) ==
    CASE from = "internet" -> to \in Hosts /\ to \in ways /\ from \in rules[to]
      [] to = "internet" -> from \in ways
      [] OTHER -> from # to /\ from \in rules[to]

(* Places reached from a set of places: one more step each time.                 *)
Step(reached, rules, ways) ==
    reached \cup {to \in Places : \E from \in reached : Goes(from, to, rules, ways)}

RECURSIVE Reached(_, _, _)
Reached(places, rules, ways) ==
    LET more == Step(places, rules, ways)
    IN  IF more = places THEN places ELSE Reached(more, rules, ways)

Approved(rules, ways) ==
    IF ChecksWays THEN "store" \notin Reached({"internet"}, rules, ways)
    ELSE "internet" \notin rules["store"]

(* The intruder works through connections: a host that it no longer reaches is   *)
(* lost to it.                                                                   *)
Held == taken \cap Reached({"internet"}, lets', exits')

ChangeRule(h, p) ==
    /\ p # h
    /\ lets' = [lets EXCEPT ![h] = IF p \in @ THEN @ \ {p} ELSE @ \cup {p}]
    /\ Approved(lets', exits)
    /\ UNCHANGED <<exits, carried>>
    /\ taken' = Held

ChangeRoute(h) ==
    /\ exits' = IF h \in exits THEN exits \ {h} ELSE exits \cup {h}
    /\ Approved(lets, exits')
    /\ UNCHANGED <<lets, carried>>
    /\ taken' = Held

Break(h) ==
    /\ h \notin taken
    /\ \E p \in taken \cup {"internet"} : Goes(p, h, lets, exits)
    /\ taken' = taken \cup {h}
    /\ UNCHANGED <<lets, exits, carried>>

(* The intruder asks: it fetches from where it can connect to, and sends on.     *)
Carry(from, to) ==
    /\ from \in carried \ {"internet"}
    /\ from # to
    /\ \/ to \in taken /\ Goes(to, from, lets, exits)
       \/ from \in taken /\ Goes(from, to, lets, exits)
    /\ carried' = carried \cup {to}
    /\ UNCHANGED <<lets, exits, taken>>

Next ==
    \E h \in Hosts : ChangeRoute(h) \/ Break(h) \/ \E p \in Places : ChangeRule(h, p) \/ Carry(h, p)

Spec == Init /\ [][Next]_vars

--------------------------------------------------------------------------------

(* The internet does not reach the store, by whatever way.                       *)
Unreachable == "store" \notin Reached({"internet"}, lets, exits)

(* The store's data does not leave.                                              *)
NoExfiltration == "internet" \notin carried

================================================================================
