\* expect: ok
\* distinct: 26
\* generated: 103
\* depth: 5
----------------------------- MODULE BoundedQueue -----------------------------
(* Threads share a queue of bounded size, guarded by one condition variable:  *)
(* a producer waits while it is full, a consumer while it is empty, and       *)
(* whoever succeeds wakes someone up.                                         *)
(*                                                                            *)
(* Waking up one waiting thread is not enough, because a producer may wake a  *)
(* producer (NotifyOne.cfg finds the deadlock). Waking all is.                *)
EXTENDS Naturals, Sequences

CONSTANTS Producers, Consumers, Capacity, NotifyAll

ASSUME Sane == Capacity > 0 /\ Producers \cap Consumers = {}

VARIABLES
    queue,   \* who put each item
    waiting  \* threads that sleep on the condition variable

vars == <<queue, waiting>>

Threads == Producers \cup Consumers

TypeOK ==
    /\ queue \in Seq(Producers)
    /\ Len(queue) <= Capacity
    /\ waiting \subseteq Threads

Init == queue = <<>> /\ waiting = {}

Notify ==
    IF NotifyAll \/ waiting = {}
    THEN waiting' = {}
    ELSE \E t \in waiting : waiting' = waiting \ {t}

Wait(t) == waiting' = waiting \cup {t} /\ UNCHANGED queue

Put(p) ==
    IF Len(queue) < Capacity
    THEN queue' = Append(queue, p) /\ Notify
    ELSE Wait(p)

Get(c) ==
    IF queue # <<>>
    THEN queue' = Tail(queue) /\ Notify
    ELSE Wait(c)

Next ==
    \/ \E p \in Producers \ waiting : Put(p)
    \/ \E c \in Consumers \ waiting : Get(c)

Spec == Init /\ [][Next]_vars

(* Somebody is always awake. *)
NotAllAsleep == waiting # Threads

===============================================================================
