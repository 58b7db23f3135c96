----------------------------- MODULE WriteAheadLog -----------------------------
(* A store with a write-ahead log. A transaction writes several keys. It first  *)
(* appends its updates and a commit mark to the log; the log goes to disk when  *)
(* it is flushed, and only then is the transaction acknowledged. Pages are      *)
(* written back to disk at any time after the log that tells of them. A crash   *)
(* loses memory and may tear the tail of the log off. Recovery replays the      *)
(* transactions whose commit mark is on disk, in order.                         *)
(*                                                                              *)
(* With LogFirst = FALSE pages may be written back before the log: PagesFirst   *)
(* shows half a transaction after recovery. With FlushesBeforeAck = FALSE a     *)
(* transaction is acknowledged while its log is in memory: AckEarly.cfg shows   *)
(* it lost.                                                                     *)
EXTENDS Naturals, Sequences

CONSTANTS
    Keys,              \* pages
    TransactionMax,    \* transactions; each writes its number to all keys
    CrashMax,
    LogFirst,          \* is the log on disk before the pages it tells of?
    FlushesBeforeAck   \* is the log on disk before a transaction is acknowledged?

VARIABLES
    log,       \* updates [key, value] and commit marks [commit], in order
    flushed,   \* how much of it is on disk
    memory,    \* key -> value, as the running store sees it
    disk,      \* key -> value
    running,   \* FALSE between a crash and the end of recovery
    acked,     \* the last transaction that was acknowledged
    crashes

vars == <<log, flushed, memory, disk, running, acked, crashes>>

Update(key, value) == [kind |-> "update", key |-> key, value |-> value]
Commit(value) == [kind |-> "commit", value |-> value]

Committed(entries) == {v \in 1..TransactionMax : \E i \in DOMAIN entries : entries[i] = Commit(v)}

(* The last transaction whose commit mark is in a log; 0 if there is none.      *)
Newest(entries) == CHOOSE v \in Committed(entries) \cup {0} : \A w \in Committed(entries) : w <= v

Written(v) == {k \in Keys : \E i \in DOMAIN log : log[i] = Update(k, v)}

TypeOK ==
    /\ \A i \in DOMAIN log :
        log[i] \in [kind : {"update"}, key : Keys, value : 1..TransactionMax]
                   \cup [kind : {"commit"}, value : 1..TransactionMax]
    /\ flushed \in 0..Len(log)
    /\ memory \in [Keys -> 0..TransactionMax]
    /\ disk \in [Keys -> 0..TransactionMax]
    /\ running \in BOOLEAN
    /\ acked \in 0..TransactionMax
    /\ crashes \in 0..CrashMax

Init ==
    /\ log = <<>> /\ flushed = 0
    /\ memory = [k \in Keys |-> 0] /\ disk = [k \in Keys |-> 0]
    /\ running = TRUE /\ acked = 0 /\ crashes = 0

(* Transactions come one after another; one that a crash interrupted is gone,   *)
(* and the next one takes its number.                                           *)
Current == Newest(log) + 1

Write(k) ==
    /\ running
    /\ Current <= TransactionMax
    /\ k \notin Written(Current)
    /\ log' = Append(log, Update(k, Current))
    /\ memory' = [memory EXCEPT ![k] = Current]
    /\ UNCHANGED <<flushed, disk, running, acked, crashes>>

MarkCommit ==
    /\ running
    /\ Current <= TransactionMax
    /\ Written(Current) = Keys
    /\ log' = Append(log, Commit(Current))
    /\ UNCHANGED <<flushed, memory, disk, running, acked, crashes>>

Flush ==
    /\ running
    /\ flushed < Len(log)
    /\ flushed' = flushed + 1
    /\ UNCHANGED <<log, memory, disk, running, acked, crashes>>

Acknowledge ==
    /\ running
    /\ LET done == Newest(IF FlushesBeforeAck THEN SubSeq(log, 1, flushed) ELSE log)
       IN  done > acked /\ acked' = done
    /\ UNCHANGED <<log, flushed, memory, disk, running, crashes>>

(* This store has no undo: only what is committed may reach the pages.          *)
WriteBack(k) ==
    /\ running
    /\ disk[k] # memory[k]
    /\ LogFirst => memory[k] <= Newest(SubSeq(log, 1, flushed))
    /\ disk' = [disk EXCEPT ![k] = memory[k]]
    /\ UNCHANGED <<log, flushed, memory, running, acked, crashes>>

Crash ==
    /\ crashes < CrashMax
    /\ running' = FALSE
    /\ crashes' = crashes + 1
    /\ log' = SubSeq(log, 1, flushed)
    /\ memory' = [k \in Keys |-> 0]
    /\ UNCHANGED <<flushed, disk, acked>>

(* A transaction writes all keys, so the newest one that is committed in the    *)
(* log gives all values. What came after it never happened.                     *)
Recover ==
    /\ ~running
    /\ LET newest == Newest(log)
           redone == [k \in Keys |-> IF newest > 0 /\ newest >= disk[k] THEN newest ELSE disk[k]]
           kept == IF newest = 0 THEN 0 ELSE CHOOSE i \in DOMAIN log : log[i] = Commit(newest)
       IN  /\ disk' = redone
           /\ memory' = redone
           /\ log' = SubSeq(log, 1, kept)
           /\ flushed' = kept
    /\ running' = TRUE
    /\ UNCHANGED <<acked, crashes>>

Next ==
    \/ \E k \in Keys : Write(k) \/ WriteBack(k)
    \/ MarkCommit \/ Flush \/ Acknowledge \/ Crash \/ Recover

Spec == Init /\ [][Next]_vars /\ WF_vars(Recover)

--------------------------------------------------------------------------------

(* What was acknowledged is there when the store runs.                          *)
Durable == running => \A k \in Keys : memory[k] >= acked

(* After recovery there are only whole transactions, until the next one begins. *)
Atomic ==
    running /\ Written(Current) = {} => \A j, k \in Keys : memory[j] = memory[k]

Recovers == ~running ~> running

================================================================================
