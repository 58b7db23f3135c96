------------------------------- MODULE Interner -------------------------------
(* The interner of values (src/value/universe.rs): equal values get one id,   *)
(* whichever thread asks. Parts are interned before the whole, so that values *)
(* are compared by the ids of their parts. A value's hash selects a shard;    *)
(* under the shard's lock a thread looks for the value, else takes the next   *)
(* place of the append-only vector of nodes, fills it, and enters (hash, id)  *)
(* into the shard. Reading a node by its id takes no lock.                    *)
(*                                                                            *)
(* LookFirst.cfg looks before it locks and not again; EnterFirst.cfg enters   *)
(* the id before the node is filled, without the lock held meanwhile.         *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Threads,
    Shards,
    Values,          \* numbers; a value's parts are smaller numbers
    PartsOf(_),      \* the parts of a value, in order
    ShardOf(_),      \* the shard that a value's hash selects
    LookUnderLock,
    FillUnderLock

ASSUME Sane == \A v \in Values : ShardOf(v) \in Shards /\ \A i \in DOMAIN PartsOf(v) : PartsOf(v)[i] < v

VARIABLES
    nodes,    \* each place of the vector: <<>> while it is taken and not filled, else <<value, ids of its parts>>
    entered,  \* ids in each shard
    lock,     \* who holds each shard's lock: {} or {thread}
    todo,     \* what each thread is interning: a stack, the innermost part first
    wants,    \* values it has still to begin
    step,     \* what it does next
    place,    \* the place it has taken
    knows     \* ids it was given: value -> id, as pairs

vars == <<nodes, entered, lock, todo, wants, step, place, knows>>

Init ==
    /\ nodes = <<>>
    /\ entered = [s \in Shards |-> {}]
    /\ lock = [s \in Shards |-> {}]
    /\ todo = [t \in Threads |-> <<>>]
    /\ wants = [t \in Threads |-> Values]
    /\ step = [t \in Threads |-> "idle"]
    /\ place = [t \in Threads |-> 0]
    /\ knows = [t \in Threads |-> {}]

Value(t) == Head(todo[t])
Shard(t) == ShardOf(Value(t))
Known(t, v) == \E k \in knows[t] : k[1] = v
IdOf(t, v) == (CHOOSE k \in knows[t] : k[1] = v)[2]
Ids(t, v) == [i \in DOMAIN PartsOf(v) |-> IdOf(t, PartsOf(v)[i])]

\* Nodes are compared by the ids of their parts; values without parts by themselves.
IsSame(id, t, v) ==
    nodes[id] # <<>> /\ IF PartsOf(v) = <<>> THEN nodes[id][1] = v ELSE nodes[id][2] = Ids(t, v)
Matches(t) == {id \in entered[Shard(t)] : IsSame(id, t, Value(t))}

Begin(t) ==
    /\ step[t] = "idle" /\ todo[t] = <<>>
    /\ \E v \in wants[t] :
        /\ todo' = [todo EXCEPT ![t] = <<v>>]
        /\ wants' = [wants EXCEPT ![t] = @ \ {v}]
    /\ UNCHANGED <<nodes, entered, lock, step, place, knows>>

\* A part whose id is not known comes first.
Descend(t) ==
    /\ step[t] = "idle" /\ todo[t] # <<>>
    /\ LET missing == {i \in DOMAIN PartsOf(Value(t)) : ~Known(t, PartsOf(Value(t))[i])}
       IN  /\ missing # {}
           /\ LET first == CHOOSE i \in missing : \A j \in missing : i <= j
              IN  todo' = [todo EXCEPT ![t] = <<PartsOf(Value(t))[first]>> \o @]
    /\ UNCHANGED <<nodes, entered, lock, wants, step, place, knows>>

Ready(t) == todo[t] # <<>> /\ \A i \in DOMAIN PartsOf(Value(t)) : Known(t, PartsOf(Value(t))[i])

Learn(t, id) ==
    /\ knows' = [knows EXCEPT ![t] = @ \cup {<<Value(t), id>>}]
    /\ todo' = [todo EXCEPT ![t] = Tail(@)]

LookBeforeLock(t) ==
    /\ ~LookUnderLock /\ step[t] = "idle" /\ Ready(t)
    /\ IF Matches(t) # {}
       THEN (\E id \in Matches(t) : Learn(t, id)) /\ UNCHANGED step
       ELSE step' = [step EXCEPT ![t] = "lock"] /\ UNCHANGED <<knows, todo>>
    /\ UNCHANGED <<nodes, entered, lock, wants, place>>

Lock(t) ==
    /\ IF LookUnderLock THEN step[t] = "idle" /\ Ready(t) ELSE step[t] = "lock"
    /\ lock[Shard(t)] = {}
    /\ lock' = [lock EXCEPT ![Shard(t)] = {t}]
    /\ step' = [step EXCEPT ![t] = IF LookUnderLock THEN "look" ELSE "take"]
    /\ UNCHANGED <<nodes, entered, todo, wants, place, knows>>

Look(t) ==
    /\ step[t] = "look"
    /\ IF Matches(t) # {}
       THEN /\ \E id \in Matches(t) : Learn(t, id)
            /\ lock' = [lock EXCEPT ![Shard(t)] = {}]
            /\ step' = [step EXCEPT ![t] = "idle"]
       ELSE step' = [step EXCEPT ![t] = "take"] /\ UNCHANGED <<knows, todo, lock>>
    /\ UNCHANGED <<nodes, entered, wants, place>>

\* Threads of all shards share the vector: a place is taken in one step and filled in another.
Take(t) ==
    /\ step[t] = "take"
    /\ nodes' = Append(nodes, <<>>)
    /\ place' = [place EXCEPT ![t] = Len(nodes) + 1]
    /\ step' = [step EXCEPT ![t] = IF FillUnderLock THEN "fill" ELSE "enter"]
    /\ UNCHANGED <<entered, lock, todo, wants, knows>>

Fill(t) ==
    /\ step[t] = "fill"
    /\ nodes' = [nodes EXCEPT ![place[t]] = <<Value(t), Ids(t, Value(t))>>]
    /\ IF FillUnderLock
       THEN step' = [step EXCEPT ![t] = "enter"] /\ UNCHANGED <<place, knows, todo>>
       ELSE /\ step' = [step EXCEPT ![t] = "idle"]
            /\ place' = [place EXCEPT ![t] = 0]
            /\ Learn(t, place[t])
    /\ UNCHANGED <<entered, lock, wants>>

Enter(t) ==
    /\ step[t] = "enter"
    /\ entered' = [entered EXCEPT ![Shard(t)] = @ \cup {place[t]}]
    /\ lock' = [lock EXCEPT ![Shard(t)] = {}]
    /\ IF FillUnderLock
       THEN /\ Learn(t, place[t])
            /\ place' = [place EXCEPT ![t] = 0]
            /\ step' = [step EXCEPT ![t] = "idle"]
       ELSE step' = [step EXCEPT ![t] = "fill"] /\ UNCHANGED <<knows, todo, place>>
    /\ UNCHANGED <<nodes, wants>>

Work(t) ==
    \/ Begin(t) \/ Descend(t) \/ LookBeforeLock(t) \/ Lock(t)
    \/ Look(t) \/ Take(t) \/ Fill(t) \/ Enter(t)

Done == (\A t \in Threads : wants[t] = {} /\ todo[t] = <<>>) /\ UNCHANGED vars

Next == Done \/ \E t \in Threads : Work(t)
\* The lock is not fair, but nobody holds it for ever.
Spec == Init /\ [][Next]_vars /\ \A t \in Threads : SF_vars(Work(t))

-----------------------------------------------------------------------------

\* Equal values have one id, and different values different ones.
OneIdEach ==
    \A t, u \in Threads : \A k \in knows[t], l \in knows[u] : (k[1] = l[1]) <=> (k[2] = l[2])

\* Whoever has an id can read its node, and finds the value there.
Readable == \A t \in Threads : \A k \in knows[t] : nodes[k[2]] # <<>> /\ nodes[k[2]][1] = k[1]

OneHolder == \A s \in Shards : Cardinality(lock[s]) <= 1

AllInterned == <>(\A t \in Threads : wants[t] = {} /\ todo[t] = <<>>)
=============================================================================
