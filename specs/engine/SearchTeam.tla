------------------------------ MODULE SearchTeam ------------------------------
(* The team of workers that explores level by level (src/explore/team.rs and  *)
(* search.rs). The coordinator sends everybody a job, each with a sender for  *)
(* the result, and waits until no sender is left: a worker drops its own when *)
(* it has reported, or when it panics. Then all workers sleep in their        *)
(* channels: the quiet point, where the store may grow and the next level     *)
(* begin. In between, workers take rows of the level from a shared cursor and *)
(* offer their successors to the store. A row for which there is no room is   *)
(* deferred, and its worker asks everybody for a quiet point. An interrupt    *)
(* may come at any time, and a worker may panic.                              *)
(*                                                                            *)
(* Impatient.cfg goes on when all rows are taken instead of when all workers  *)
(* have reported; NoGrowth.cfg makes no room at quiet points: it runs for ever.*)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Workers,
    Graph(_),        \* successors of a row
    Roots,           \* initial rows, a sequence
    FirstRoom,       \* rows the first table takes
    MayPanic,
    MayInterrupt,
    AwaitsAll,
    Grows

VARIABLES
    phase,       \* of the coordinator: "send", "collect", "quiet", "done"
    end,         \* why it ended
    unsent,      \* workers it has still to send the job to
    desk,        \* jobs that wait for each worker: 0 or 1
    worker,      \* what each worker does
    results,     \* workers whose result has come
    senders,     \* workers that may still send one
    store,       \* the rows, in the order of their indices
    from, upto,  \* the level being expanded: indices from..upto
    cursor,      \* the next of them
    row,         \* what each worker expands: 0 if nothing
    offers,      \* successors it has still to offer
    deferred,    \* rows it has no room for
    room,        \* rows that the table takes
    pause,       \* somebody asked for a quiet point
    stop,        \* "run", "interrupted", "panicked"
    expanded     \* how often each row was expanded

vars == <<phase, end, unsent, desk, worker, results, senders, store, from, upto, cursor, row, offers, deferred,
          room, pause, stop, expanded>>
coordination == <<phase, end, unsent, from, upto, room>>

Stored(r) == \E i \in 1..Len(store) : store[i] = r
Working(w) == worker[w] \notin {"sleep", "gone"}

Init ==
    /\ phase = "send" /\ end = "none"
    /\ unsent = Workers
    /\ desk = [w \in Workers |-> 0]
    /\ worker = [w \in Workers |-> "sleep"]
    /\ results = {} /\ senders = {}
    /\ store = Roots
    /\ from = 1 /\ upto = Len(Roots) /\ cursor = 1
    /\ row = [w \in Workers |-> 0]
    /\ offers = [w \in Workers |-> {}]
    /\ deferred = [w \in Workers |-> {}]
    /\ room = FirstRoom
    /\ pause = FALSE /\ stop = "run"
    /\ expanded = [i \in {} |-> 0]

-----------------------------------------------------------------------------
(* The coordinator. *)

Send ==
    /\ phase = "send"
    /\ IF unsent = {}
       THEN phase' = "collect" /\ UNCHANGED <<end, unsent, desk, senders>>
       ELSE LET w == CHOOSE v \in unsent : TRUE
            IN  /\ unsent' = unsent \ {w}
                /\ IF worker[w] = "gone"
                   THEN phase' = "done" /\ end' = "panicked" /\ UNCHANGED <<desk, senders>>
                   ELSE /\ desk' = [desk EXCEPT ![w] = 1]
                        /\ senders' = senders \cup {w}
                        /\ UNCHANGED <<phase, end>>
    /\ UNCHANGED <<worker, results, store, from, upto, cursor, row, offers, deferred, room, pause, stop, expanded>>

Collect ==
    /\ phase = "collect"
    /\ IF AwaitsAll THEN senders = {} ELSE cursor > upto \/ pause \/ stop # "run" \/ senders = {}
    /\ IF AwaitsAll /\ results # Workers
       THEN phase' = "done" /\ end' = "panicked"
       ELSE phase' = "quiet" /\ UNCHANGED end
    /\ UNCHANGED <<unsent, desk, worker, results, senders, store, from, upto, cursor, row, offers, deferred, room,
                   pause, stop, expanded>>

Waiting == UNION {deferred[w] : w \in Workers}

Again ==
    /\ phase' = "send" /\ unsent' = Workers
    /\ results' = {} /\ senders' = {} /\ pause' = FALSE
    /\ UNCHANGED end

Finish(why) == phase' = "done" /\ end' = why /\ UNCHANGED <<unsent, results, senders, pause>>

\* The quiet point.
Decide ==
    /\ phase = "quiet"
    /\ IF stop # "run"
       THEN Finish(stop) /\ UNCHANGED <<room, from, upto, cursor>>
       ELSE IF Waiting # {} \/ cursor <= upto
       THEN /\ Again
            /\ room' = IF Grows /\ Waiting # {} THEN Len(store) + Cardinality(Waiting) ELSE room
            /\ UNCHANGED <<from, upto, cursor>>
       ELSE /\ from' = upto + 1 /\ upto' = Len(store) /\ cursor' = upto + 1
            /\ IF Len(store) = upto THEN Finish("exhausted") ELSE Again
            /\ UNCHANGED room
    /\ UNCHANGED <<desk, worker, store, row, offers, deferred, stop, expanded>>

-----------------------------------------------------------------------------
(* The workers. *)

Set(w, what) == worker' = [worker EXCEPT ![w] = what]

Receive(w) ==
    /\ worker[w] = "sleep" /\ desk[w] = 1
    /\ desk' = [desk EXCEPT ![w] = 0]
    /\ Set(w, "settle")
    /\ offers' = [offers EXCEPT ![w] = deferred[w]]
    /\ deferred' = [deferred EXCEPT ![w] = {}]
    /\ UNCHANGED <<coordination, results, senders, store, cursor, row, pause, stop, expanded>>

\* Offers a row to the store.
Offer(w) ==
    /\ worker[w] \in {"settle", "expand"} /\ offers[w] # {}
    /\ LET r == CHOOSE s \in offers[w] : TRUE
       IN  /\ offers' = [offers EXCEPT ![w] = @ \ {r}]
           /\ IF Stored(r)
              THEN UNCHANGED <<store, deferred, pause>>
              ELSE IF Len(store) < room
              THEN store' = Append(store, r) /\ UNCHANGED <<deferred, pause>>
              ELSE /\ deferred' = [deferred EXCEPT ![w] = @ \cup {r}]
                   /\ pause' = TRUE
                   /\ UNCHANGED store
    /\ UNCHANGED <<coordination, desk, worker, results, senders, cursor, row, stop, expanded>>

\* Takes the next row of the level, or ends its part.
TakeRow(w) ==
    /\ worker[w] \in {"settle", "expand"} /\ offers[w] = {}
    /\ IF pause \/ stop # "run" \/ cursor > upto
       THEN Set(w, "report") /\ UNCHANGED <<cursor, row, offers, expanded>>
       ELSE /\ Set(w, "expand")
            /\ row' = [row EXCEPT ![w] = cursor]
            /\ offers' = [offers EXCEPT ![w] = Graph(store[cursor])]
            /\ expanded' = [i \in DOMAIN expanded \cup {cursor} |->
                                (IF i \in DOMAIN expanded THEN expanded[i] ELSE 0) + (IF i = cursor THEN 1 ELSE 0)]
            /\ cursor' = cursor + 1
    /\ UNCHANGED <<coordination, desk, results, senders, store, deferred, pause, stop>>

Report(w) ==
    /\ worker[w] = "report"
    /\ results' = results \cup {w}
    /\ senders' = senders \ {w}
    /\ row' = [row EXCEPT ![w] = 0]
    /\ Set(w, "sleep")
    /\ UNCHANGED <<coordination, desk, store, cursor, offers, deferred, pause, stop, expanded>>

\* Unwinding drops the sender first; the others learn of the panic after that.
Panic(w) ==
    /\ MayPanic /\ worker[w] = "expand"
    /\ senders' = senders \ {w}
    /\ Set(w, "dying")
    /\ UNCHANGED <<coordination, desk, results, store, cursor, row, offers, deferred, pause, stop, expanded>>

Die(w) ==
    /\ worker[w] = "dying"
    /\ stop' = "panicked"
    /\ senders' = senders \ {w}       \* with a job that waits on its desk
    /\ desk' = [desk EXCEPT ![w] = 0]
    /\ Set(w, "gone")
    /\ UNCHANGED <<coordination, results, store, cursor, row, offers, deferred, pause, expanded>>

\* The coordinator has left: the channels are closed, and workers end once they have done what was sent.
Leave(w) ==
    /\ phase = "done" /\ worker[w] = "sleep" /\ desk[w] = 0
    /\ Set(w, "gone")
    /\ UNCHANGED <<coordination, desk, results, senders, store, cursor, row, offers, deferred, pause, stop, expanded>>

Interrupt ==
    /\ MayInterrupt /\ stop = "run" /\ phase # "done"
    /\ stop' = "interrupted"
    /\ UNCHANGED <<coordination, desk, worker, results, senders, store, cursor, row, offers, deferred, pause, expanded>>

Over == phase = "done" /\ (\A w \in Workers : worker[w] = "gone")

Work(w) == Receive(w) \/ Offer(w) \/ TakeRow(w) \/ Report(w) \/ Die(w) \/ Leave(w)

Next ==
    \/ Send \/ Collect \/ Decide \/ Interrupt
    \/ \E w \in Workers : Work(w) \/ Panic(w)
    \/ Over /\ UNCHANGED vars

Spec == Init /\ [][Next]_vars /\ WF_vars(Send \/ Collect \/ Decide) /\ \A w \in Workers : WF_vars(Work(w))

-----------------------------------------------------------------------------

\* At the quiet point nobody works, so that the store may be changed as a whole.
QuietIsQuiet == phase = "quiet" => \A w \in Workers : ~Working(w) /\ desk[w] = 0

NothingTwice ==
    /\ \A i, j \in 1..Len(store) : store[i] = store[j] => i = j
    /\ \A i \in DOMAIN expanded : expanded[i] = 1

RECURSIVE Closure(_)
Closure(rows) == LET more == rows \cup UNION {Graph(r) : r \in rows} IN IF more = rows THEN rows ELSE Closure(more)
Reachable == Closure({Roots[i] : i \in DOMAIN Roots})

\* A run that says it is exhaustive has stored and expanded everything.
ExhaustedIsAll ==
    end = "exhausted" => {store[i] : i \in 1..Len(store)} = Reachable /\ DOMAIN expanded = 1..Len(store)

NoFalseEnd == (end = "panicked" => MayPanic) /\ (end = "interrupted" => MayInterrupt)

\* Whatever happens, the run ends and nobody is left behind.
Ends == <>Over
=============================================================================
