------------------------------- MODULE HashTable -------------------------------
(* The hash table of states (src/explore/table.rs, with what store.rs and     *)
(* arena.rs do around it): open addressing with linear probing. An insert     *)
(* walks from the key's home to the first empty entry, writes its row at an   *)
(* index of its own, and puts (tag, index) there by compare-and-swap. Whoever *)
(* loses the swap looks at the winner's entry and goes on. Nothing is removed *)
(* and nothing grows while the table is shared: who finds no room waits for   *)
(* the quiet point, at which everybody is idle and the table may be replaced. *)
(*                                                                            *)
(* CheckThenStore.cfg leaves the comparison out, Unquiet.cfg the waiting.     *)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
    Threads,
    Keys,
    Homes,       \* as many as the first table has entries
    HomeOf(_),   \* where the key's probing starts
    TagOf(_),    \* what of the key's hash is kept in the entry
    Atomic,      \* the swap compares
    Quiet        \* the table grows only while everybody is idle

ASSUME Sane == Homes > 0 /\ \A k \in Keys : HomeOf(k) \in Nat

VARIABLES
    table,   \* entries: <<>> or <<tag, index>>
    rows,    \* the key written at each index
    todo,    \* keys each thread has still to insert
    at,      \* the entry it looks at
    step,    \* what it does next
    held,    \* the index it has claimed and not used: 0 if none
    told     \* what its inserts gave: <<key, index, new>>

vars == <<table, rows, todo, at, step, held, told>>

Capacity == Len(table)
Room == Capacity - 1                      \* rows that may be claimed: never all entries
Position(key, offset) == ((HomeOf(key) + offset) % Capacity) + 1
Key(t) == Head(todo[t])

Orders == {order \in [1..Cardinality(Keys) -> Keys] : \A k \in Keys : \E i \in DOMAIN order : order[i] = k}

Init ==
    /\ table = [i \in 1..Homes |-> <<>>]
    /\ rows = <<>>
    /\ todo \in [Threads -> Orders]
    /\ at = [t \in Threads |-> 0]
    /\ step = [t \in Threads |-> "idle"]
    /\ held = [t \in Threads |-> 0]
    /\ told = [t \in Threads |-> {}]

Start(t) ==
    /\ step[t] = "idle"
    /\ todo[t] # <<>>
    /\ step' = [step EXCEPT ![t] = "look"]
    /\ at' = [at EXCEPT ![t] = 0]
    /\ UNCHANGED <<table, rows, todo, held, told>>

Finish(t, index, new) ==
    /\ told' = [told EXCEPT ![t] = @ \cup {<<Key(t), index, new>>}]
    /\ todo' = [todo EXCEPT ![t] = Tail(@)]
    /\ step' = [step EXCEPT ![t] = "idle"]
    /\ at' = [at EXCEPT ![t] = 0]

\* What an entry that is not empty means to a thread that met it.
Met(t, entry) ==
    IF entry[1] = TagOf(Key(t)) /\ rows[entry[2]] = Key(t)
    THEN Finish(t, entry[2], FALSE)
    ELSE /\ at' = [at EXCEPT ![t] = @ + 1]
         /\ step' = [step EXCEPT ![t] = "look"]
         /\ UNCHANGED <<todo, told>>

Look(t) ==
    /\ step[t] = "look"
    /\ LET entry == table[Position(Key(t), at[t])]
       IN  IF entry = <<>>
           THEN step' = [step EXCEPT ![t] = "place"] /\ UNCHANGED <<at, todo, told>>
           ELSE Met(t, entry)
    /\ UNCHANGED <<table, rows, held>>

\* Writes the row where nobody looks yet; an index of a lost swap is used again.
Place(t) ==
    /\ step[t] = "place"
    /\ IF held[t] # 0
       THEN /\ rows' = [rows EXCEPT ![held[t]] = Key(t)]
            /\ step' = [step EXCEPT ![t] = "swap"]
            /\ UNCHANGED held
       ELSE IF Len(rows) < Room
       THEN /\ rows' = Append(rows, Key(t))
            /\ held' = [held EXCEPT ![t] = Len(rows) + 1]
            /\ step' = [step EXCEPT ![t] = "swap"]
       ELSE /\ step' = [step EXCEPT ![t] = "wait"]   \* no room
            /\ UNCHANGED <<rows, held>>
    /\ UNCHANGED <<table, todo, at, told>>

Swap(t) ==
    /\ step[t] = "swap"
    /\ LET position == Position(Key(t), at[t])
       IN  IF table[position] = <<>> \/ ~Atomic
           THEN /\ table' = [table EXCEPT ![position] = <<TagOf(Key(t)), held[t]>>]
                /\ held' = [held EXCEPT ![t] = 0]
                /\ Finish(t, held[t], TRUE)
           ELSE Met(t, table[position]) /\ UNCHANGED <<table, held>>
    /\ UNCHANGED rows

-----------------------------------------------------------------------------
(* The quiet point: claimed indices nobody used are taken back, rows move     *)
(* down into them, and a larger table is filled with all rows.                *)

Idle(t) == step[t] \in {"idle", "wait"}
Used == {table[i][2] : i \in {j \in 1..Capacity : table[j] # <<>>}}
Kept == SelectSeq([i \in 1..Len(rows) |-> i], LAMBDA i : i \in Used)

RECURSIVE Probe(_, _, _)
Probe(entries, key, offset) ==
    LET position == ((HomeOf(key) + offset) % Len(entries)) + 1
    IN  IF entries[position] = <<>> THEN position ELSE Probe(entries, key, offset + 1)

RECURSIVE Refilled(_, _, _)
Refilled(entries, keys, index) ==
    IF index > Len(keys)
    THEN entries
    ELSE LET position == Probe(entries, keys[index], 0)
         IN  Refilled([entries EXCEPT ![position] = <<TagOf(keys[index]), index>>], keys, index + 1)

Grow ==
    /\ \E t \in Threads : step[t] = "wait"
    /\ Quiet => \A t \in Threads : Idle(t)
    /\ LET keys == [i \in 1..Len(Kept) |-> rows[Kept[i]]]
           \* Larger than needed now: every thread may hold an index that it does not use.
           capacity == 2 * Capacity
       IN  /\ rows' = keys
           /\ table' = Refilled([i \in 1..capacity |-> <<>>], keys, 1)
           /\ told' = [t \in Threads |->
                {<<e[1], CHOOSE i \in 1..Len(keys) : keys[i] = e[1], e[3]>> : e \in {f \in told[t] : \E i \in 1..Len(keys) : keys[i] = f[1]}}]
    /\ held' = [t \in Threads |-> IF Idle(t) THEN 0 ELSE held[t]]
    /\ step' = [t \in Threads |-> IF step[t] = "wait" THEN "idle" ELSE step[t]]
    /\ UNCHANGED <<todo, at>>

Done == (\A t \in Threads : todo[t] = <<>>) /\ UNCHANGED vars

Next == Grow \/ Done \/ \E t \in Threads : Start(t) \/ Look(t) \/ Place(t) \/ Swap(t)

Spec == Init /\ [][Next]_vars /\ \A t \in Threads : WF_vars(Start(t) \/ Look(t) \/ Place(t) \/ Swap(t)) /\ WF_vars(Grow)

-----------------------------------------------------------------------------

Entries == {i \in 1..Capacity : table[i] # <<>>}

\* No two entries have one key, and no two threads were told that they were the first.
OneEntryEach == \A i, j \in Entries : rows[table[i][2]] = rows[table[j][2]] => i = j

OneIsNew ==
    \A t, u \in Threads : \A e \in told[t], f \in told[u] : e[1] = f[1] /\ e[3] /\ f[3] => t = u

\* What was said of a key stays true: its row is where its finder was told.
SaidIsSo == \A t \in Threads : \A e \in told[t] : e[2] <= Len(rows) /\ rows[e[2]] = e[1] /\ e[2] \in Used

\* No empty entry stands between a key's home and its entry: probing finds it.
Found ==
    \A i \in Entries :
        LET key == rows[table[i][2]]
        IN  \E n \in 0..Capacity - 1 :
                /\ Position(key, n) = i
                /\ \A m \in 0..n : table[Position(key, m)] # <<>>

\* Probes end: there is always an empty entry.
NeverFull == Cardinality(Entries) < Capacity

AllInserted == <>(\A t \in Threads : todo[t] = <<>>)
=============================================================================
