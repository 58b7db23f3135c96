------------------------------ MODULE ShardedStore ------------------------------
(* Objects are cut into shards, any K of which are enough to have the object     *)
(* back, and the shards are spread over hosts in different failure domains. A    *)
(* map says which version of an object is current and where its shards are.      *)
(*                                                                               *)
(*   put       writes all shards of a new version, then commits it to the map;   *)
(*             only then is it acknowledged. A delete commits a version without  *)
(*             shards.                                                           *)
(*   get       takes the version from the map and fetches any K of its shards.   *)
(*   repair    rebuilds a missing shard from K others on some host, and commits  *)
(*             the new place.                                                    *)
(*   move      copies a shard to another host, and commits the new place.        *)
(*   collect   deletes shards that the map does not refer to.                    *)
(*   scrub     reads shards and drops those that have rotted.                    *)
(*                                                                               *)
(* The map is kept by a leader. Its commits are atomic (a replicated log); but   *)
(* leaders change, and a deposed leader may not know it. What a leader has       *)
(* under way it has noted down as an intent, so that its collector spares the    *)
(* shards being written; a new leader knows nothing of its predecessor's         *)
(* intents. Put, repair and move race with each other, with the collector and    *)
(* with changes of leader: a commit therefore compares what it was based on with *)
(* the map.                                                                      *)
(*                                                                               *)
(* Nature takes hosts down, which come back with what they had then or with      *)
(* nothing, and rots shards silently; but never more than N - K shards of a      *)
(* version between repairs.                                                      *)
(*                                                                               *)
(* Each guard that matters can be switched off by a constant: threats.toml says  *)
(* what then goes wrong.                                                         *)
EXTENDS Naturals, FiniteSets

CONSTANTS
    Objects,
    Index,        \* the shards of a version: N of them
    K,            \* how many are enough
    Hosts,
    DomainOf(_),  \* the failure domain of a host
    VersionMax,   \* puts and deletes of an object
    BlowMax,      \* blows of nature
    MoveMax,      \* moves
    EpochMax      \* leaders

CONSTANTS  \* Mitigations. All TRUE in the design; each FALSE is a mistake.
    AcksWhenAllWritten,  \* a put commits once all shards are written, not once K are
    VerifiesChecksums,   \* what is copied or rebuilt comes from shards whose checksum is right
    NamesVersions,       \* a shard on disk is known by its version, not only by its index
    SparesIntents,       \* the collector leaves alone what is being written
    FencesLeaders,       \* a deposed leader's commit is refused
    ComparesPlaces,      \* a repair or move is refused if the places have changed under it
    ComparesVersions,    \* a put is refused if a later version is in the map
    ConfirmsLeadership,  \* a leader makes sure that it still is one before it answers
    SpreadsShards,       \* new places keep to the placement rule
    Scrubs               \* shards are read now and then

N == Cardinality(Index)

ASSUME
    /\ K \in 1..N /\ Hosts # {}
    /\ VersionMax \in Nat /\ BlowMax \in Nat /\ MoveMax \in Nat /\ EpochMax \in Nat \ {0}

Nowhere == [i \in Index |-> "nowhere"]
Works == {"put", "repair", "move"}

VARIABLES
    map,        \* object -> newest version, whether it is live, and the hosts of its shards
    versions,   \* object -> the last version number given out
    disk,       \* host -> its shards
    up,         \* hosts that answer
    work,       \* object -> what is under way: one put, one repair, one move
    read,       \* object -> the read under way (as in ObjectRegister)
    epoch,      \* the number of the leader
    deposed,    \* object -> its version in the map of the last leader deposed
    blows,      \* blows of nature so far
    moves,      \* moves so far
    ruined,     \* shards that nature took, for the record: <<object, version, index, host>>
    collected   \* shards that the collector took, for the record

vars == <<map, versions, disk, up, work, read, epoch, deposed, blows, moves, ruined, collected>>

NoRead == [legal |-> {}, seen |-> 0]

Idle == [epoch |-> 0, version |-> 0, base |-> Nowhere, place |-> Nowhere, writes |-> {}, todo |-> {}]

Place == [Index -> Hosts \cup {"nowhere"}]
Shard == [object : Objects, version : 1..VersionMax, index : Index, good : BOOLEAN]
Work == [epoch : 0..EpochMax, version : 0..VersionMax, base : Place, place : Place, writes : SUBSET Index,
         todo : SUBSET Index]
Record == Objects \X (1..VersionMax) \X Index \X Hosts

TypeOK ==
    /\ \A o \in Objects :
        /\ map[o].version \in 0..VersionMax
        /\ map[o].live \in BOOLEAN
        /\ map[o].place \in Place
        /\ \A w \in Works : work[o][w] \in Work
    /\ versions \in [Objects -> 0..VersionMax]
    /\ \A h \in Hosts : disk[h] \subseteq Shard
    /\ up \subseteq Hosts
    /\ read \in [Objects -> [legal : SUBSET (0..VersionMax), seen : 0..VersionMax]]
    /\ epoch \in 1..EpochMax
    /\ deposed \in [Objects -> 0..VersionMax]
    /\ blows \in 0..BlowMax
    /\ moves \in 0..MoveMax
    /\ ruined \subseteq Record
    /\ collected \subseteq Record

Init ==
    /\ map = [o \in Objects |-> [version |-> 0, live |-> FALSE, place |-> Nowhere]]
    /\ versions = [o \in Objects |-> 0]
    /\ disk = [h \in Hosts |-> {}]
    /\ up = Hosts
    /\ work = [o \in Objects |-> [w \in Works |-> Idle]]
    /\ read = [o \in Objects |-> NoRead]
    /\ epoch = 1
    /\ deposed = [o \in Objects |-> 0]
    /\ blows = 0
    /\ moves = 0
    /\ ruined = {}
    /\ collected = {}

--------------------------------------------------------------------------------

(* Not two shards of a version on one host, and no more in one failure domain    *)
(* than may be lost.                                                             *)
WellSpread(place) ==
    /\ \A i, j \in Index : i # j => place[i] # place[j]
    /\ \A i \in Index :
        Cardinality({j \in Index : DomainOf(place[j]) = DomainOf(place[i])}) <= N - K

(* Is there a shard, whatever its state? *)
Holds(h, o, version, i) == \E s \in disk[h] : s.object = o /\ s.version = version /\ s.index = i

(* What a host answers to somebody about to write a shard. *)
SaysItHolds(h, o, version, i) ==
    \E s \in disk[h] : s.object = o /\ s.index = i /\ (NamesVersions => s.version = version)

HoldsGood(h, o, version, i) ==
    [object |-> o, version |-> version, index |-> i, good |-> TRUE] \in disk[h]

Referenced(h, s) ==
    LET entry == map[s.object]
    IN  entry.live /\ entry.version = s.version /\ entry.place[s.index] = h

Intended(h, s) ==
    \E w \in Works :
        LET t == work[s.object][w]
        IN  t.epoch = epoch /\ t.version = s.version /\ s.index \in t.writes /\ t.place[s.index] = h

(* Shards of a version that nature has taken: the host is down, or the shard has *)
(* rotted, or was wiped.                                                         *)
Harmed(o, version, place) ==
    {i \in Index : place[i] \in Hosts \ up \/ <<o, version, i, place[i]>> \in ruined}

Lost(o) == Harmed(o, map[o].version, map[o].place)

(* At most N - K shards of a version are lost between repairs, also of one that  *)
(* is just being written.                                                        *)
FewLosses ==
    \A o \in Objects :
        /\ map[o].live => Cardinality(Lost(o)) <= N - K
        /\ \A w \in Works :
            LET t == work[o][w]
            IN  t # Idle => Cardinality(Harmed(o, t.version, t.place)) <= N - K

(* Records of what the map and the work under way, as they are now, refer to:    *)
(* the others can never matter again.                                            *)
Relevant(records) ==
    {r \in records :
        \/ map'[r[1]].live /\ map'[r[1]].version = r[2] /\ map'[r[1]].place[r[3]] = r[4]
        \/ \E w \in Works : work'[r[1]][w].version = r[2] /\ work'[r[1]][w].place[r[3]] = r[4]}

KeepRelevant ==
    /\ ruined' = Relevant(ruined)
    /\ collected' = Relevant(collected)

Witness(o, version) ==
    IF read[o].legal # {} THEN [read EXCEPT ![o].legal = @ \cup {version}] ELSE read

--------------------------------------------------------------------------------
(* Users. *)

(* The places a put may choose. *)
Layouts == {place \in [Index -> Hosts] : WellSpread(place)}

StartPut(o) ==
    /\ work[o]["put"] = Idle
    /\ versions[o] < VersionMax
    /\ \E place \in Layouts :
        /\ \A i \in Index : place[i] \in up
        /\ work' = [work EXCEPT ![o]["put"] =
             [epoch |-> epoch, version |-> versions[o] + 1, base |-> Nowhere, place |-> place,
              writes |-> Index, todo |-> Index]]
    /\ versions' = [versions EXCEPT ![o] = @ + 1]
    /\ UNCHANGED <<map, disk, up, read, epoch, deposed, blows, moves, ruined, collected>>

CommitPut(o) ==
    LET t == work[o]["put"]
        written == Index \ t.todo
    IN  /\ t # Idle
        /\ Cardinality(written) >= IF AcksWhenAllWritten THEN N ELSE K
        /\ FencesLeaders => t.epoch = epoch
        /\ ComparesVersions => t.version > map[o].version
        /\ map' = [map EXCEPT ![o] = [version |-> t.version, live |-> TRUE, place |-> t.place]]
        /\ work' = [work EXCEPT ![o]["put"] = Idle]
        /\ read' = Witness(o, t.version)
        /\ KeepRelevant
        /\ UNCHANGED <<versions, disk, up, epoch, deposed, blows, moves>>

(* Also of what is not there. *)
Delete(o) ==
    LET version == versions[o] + 1
    IN  /\ version <= VersionMax
        /\ map' = [map EXCEPT ![o] = [version |-> version, live |-> FALSE, place |-> Nowhere]]
        /\ versions' = [versions EXCEPT ![o] = version]
        /\ read' = Witness(o, version)
        /\ UNCHANGED <<disk, up, work, epoch, deposed, blows, moves>>
        /\ KeepRelevant

BeginRead(o) ==
    /\ read[o] = NoRead
    /\ map[o].version # 0
    /\ read' = [read EXCEPT ![o].legal = {map[o].version}]
    /\ UNCHANGED <<map, versions, disk, up, work, epoch, deposed, blows, moves, ruined, collected>>

LookUp(o) ==
    /\ read[o].legal # {}
    /\ read[o].seen = 0
    /\ read' = [read EXCEPT ![o].seen = map[o].version]
    /\ UNCHANGED <<map, versions, disk, up, work, epoch, deposed, blows, moves, ruined, collected>>

Decodable(o, version) ==
    Cardinality({i \in Index : \E h \in up : HoldsGood(h, o, version, i)}) >= K

FinishRead(o) ==
    /\ read[o].seen # 0
    /\ (read[o].seen = map[o].version /\ ~map[o].live) \/ Decodable(o, read[o].seen)
    /\ read' = [read EXCEPT ![o] = NoRead]
    /\ UNCHANGED <<map, versions, disk, up, work, epoch, deposed, blows, moves, ruined, collected>>

(* Its shards have been collected since. *)
LookAgain(o) ==
    /\ read[o].seen # 0
    /\ read[o].seen # map[o].version
    /\ ~Decodable(o, read[o].seen)
    /\ read' = [read EXCEPT ![o].seen = 0]
    /\ UNCHANGED <<map, versions, disk, up, work, epoch, deposed, blows, moves, ruined, collected>>

--------------------------------------------------------------------------------
(* Writing shards: of puts, repairs and moves. *)

(* The shards a task can read. *)
Readable(o, t) ==
    {i \in Index : /\ t.base[i] \in up
                   /\ \E good \in BOOLEAN :
                        /\ [object |-> o, version |-> t.version, index |-> i, good |-> good] \in disk[t.base[i]]
                        /\ VerifiesChecksums => good}

(* From what a shard is made: all of `sources` have to be good for it to be.     *)
Sources(o, w, t, i) ==
    CASE w = "put" -> {{}}
      [] w = "move" -> {s \in {{i}} : s \subseteq Readable(o, t)}
      [] w = "repair" -> {s \in SUBSET Readable(o, t) : Cardinality(s) = K}

Write(o, w, i) ==
    LET t == work[o][w]
        h == t.place[i]
        id == <<o, t.version, i, h>>
        stored(good) == [object |-> o, version |-> t.version, index |-> i, good |-> good]
    IN  /\ i \in t.todo
        /\ h \in up
        /\ \E sources \in Sources(o, w, t, i) :
            LET good == \A j \in sources : HoldsGood(t.base[j], o, t.version, j)
                already == w = "put" /\ SaysItHolds(h, o, t.version, i)
            IN  /\ disk' = IF already THEN disk
                           ELSE [disk EXCEPT ![h] = (@ \ {stored(TRUE), stored(FALSE)}) \cup {stored(good)}]
                /\ ruined' = IF already THEN ruined ELSE ruined \ {id}
                /\ collected' = IF already THEN collected ELSE collected \ {id}
        /\ work' = [work EXCEPT ![o][w].todo = @ \ {i}]
        /\ UNCHANGED <<map, versions, up, read, epoch, deposed, blows, moves>>

(* What can no longer be committed is given up. *)
Hopeless(o, w) ==
    LET t == work[o][w]
    IN  /\ t # Idle
        /\ \/ t.epoch # epoch
           \/ IF w = "put" THEN t.version <= map[o].version
              ELSE t.version # map[o].version \/ t.base # map[o].place
           \/ \E i \in t.todo : t.place[i] \notin up \/ Sources(o, w, t, i) = {}

GiveUp(o, w) ==
    /\ Hopeless(o, w)
    /\ work' = [work EXCEPT ![o][w] = Idle]
    /\ UNCHANGED <<map, versions, disk, up, read, epoch, deposed, blows, moves>>
    /\ KeepRelevant

--------------------------------------------------------------------------------
(* Keeping the store in shape. *)

(* Nobody knows of a rotten shard before it is read. *)
Missing(o, i) ==
    LET entry == map[o]
    IN  entry.live /\ (entry.place[i] \notin up \/ ~Holds(entry.place[i], o, entry.version, i))

StartReplacing(o, w, i, h) ==
    LET place == [map[o].place EXCEPT ![i] = h]
    IN  /\ work[o][w] = Idle
        /\ h \in up
        /\ SpreadsShards => WellSpread(place)
        /\ work' = [work EXCEPT ![o][w] =
             [epoch |-> epoch, version |-> map[o].version, base |-> map[o].place, place |-> place,
              writes |-> {i}, todo |-> {i}]]
        /\ UNCHANGED <<map, versions, disk, up, read, epoch, deposed, blows, ruined, collected>>

StartRepair(o, i, h) ==
    /\ Missing(o, i)
    /\ StartReplacing(o, "repair", i, h)
    /\ UNCHANGED moves

(* A host is drained, or a new one filled. *)
StartMove(o, i, h) ==
    /\ map[o].live
    /\ moves < MoveMax
    /\ ~Missing(o, i)
    /\ h # map[o].place[i]
    /\ StartReplacing(o, "move", i, h)
    /\ moves' = moves + 1

CommitReplacing(o, w) ==
    LET t == work[o][w]
    IN  /\ t # Idle
        /\ t.todo = {}
        /\ FencesLeaders => t.epoch = epoch
        /\ map[o].live
        /\ t.version = map[o].version
        /\ ComparesPlaces => t.base = map[o].place
        /\ map' = [map EXCEPT ![o].place = t.place]
        /\ work' = [work EXCEPT ![o][w] = Idle]
        /\ KeepRelevant
        /\ UNCHANGED <<versions, disk, up, read, epoch, deposed, blows, moves>>

Collect(h) ==
    /\ h \in up
    /\ UNCHANGED <<map, versions, up, work, read, epoch, deposed, blows, moves>>
    /\ \E s \in disk[h] :
        /\ ~Referenced(h, s)
        /\ SparesIntents => ~Intended(h, s)
        /\ disk' = [disk EXCEPT ![h] = @ \ {s}]
        /\ collected' = Relevant(collected \cup {<<s.object, s.version, s.index, h>>})
        /\ ruined' = ruined \ {<<s.object, s.version, s.index, h>>}

Scrub(h) ==
    /\ Scrubs
    /\ h \in up
    /\ \E s \in disk[h] :
        /\ ~s.good
        /\ disk' = [disk EXCEPT ![h] = @ \ {s}]
    /\ UNCHANGED <<map, versions, up, work, read, epoch, deposed, blows, moves, ruined, collected>>

--------------------------------------------------------------------------------
(* Leaders. *)

ChangeLeader ==
    /\ epoch < EpochMax
    /\ epoch' = epoch + 1
    /\ deposed' = [o \in Objects |-> map[o].version]
    /\ UNCHANGED <<map, versions, disk, up, work, read, blows, moves, ruined, collected>>

(* A leader that does not know that it has been deposed is asked for a version.  *)
AskDeposed(o) ==
    /\ epoch > 1
    /\ read[o].legal # {}
    /\ read[o].seen = 0
    /\ deposed[o] # 0
    /\ read' = IF ConfirmsLeadership THEN read ELSE [read EXCEPT ![o].seen = deposed[o]]
    /\ UNCHANGED <<map, versions, disk, up, work, epoch, deposed, blows, moves, ruined, collected>>

--------------------------------------------------------------------------------
(* Nature. *)

Fail(h) ==
    /\ blows < BlowMax
    /\ h \in up
    /\ up' = up \ {h}
    /\ blows' = blows + 1
    /\ UNCHANGED <<map, versions, disk, work, read, epoch, deposed, moves, ruined, collected>>
    /\ FewLosses'

(* With what it had when it failed: some of it may be stale. *)
Return(h) ==
    /\ h \in Hosts \ up
    /\ up' = up \cup {h}
    /\ UNCHANGED <<map, versions, disk, work, read, epoch, deposed, blows, moves, ruined, collected>>

(* With a new disk. *)
ReturnEmpty(h) ==
    /\ h \in Hosts \ up
    /\ disk[h] # {}
    /\ up' = up \cup {h}
    /\ disk' = [disk EXCEPT ![h] = {}]
    /\ UNCHANGED <<map, versions, work, read, epoch, deposed, blows, moves, collected>>
    /\ ruined' = Relevant(ruined \cup {<<s.object, s.version, s.index, h>> : s \in disk[h]})

Rot(h) ==
    /\ blows < BlowMax
    /\ h \in up
    /\ \E s \in disk[h] :
        /\ s.good
        /\ Referenced(h, s) \/ Intended(h, s)
        /\ disk' = [disk EXCEPT ![h] = (@ \ {s}) \cup {[s EXCEPT !.good = FALSE]}]
        /\ ruined' = ruined \cup {<<s.object, s.version, s.index, h>>}
    /\ blows' = blows + 1
    /\ UNCHANGED <<map, versions, up, work, read, epoch, deposed, moves, collected>>
    /\ FewLosses'

--------------------------------------------------------------------------------

Next ==
    \/ \E o \in Objects :
        \/ StartPut(o) \/ CommitPut(o) \/ Delete(o)
        \/ BeginRead(o) \/ LookUp(o) \/ FinishRead(o) \/ LookAgain(o)
        \/ AskDeposed(o)
        \/ \E i \in Index, h \in Hosts : StartRepair(o, i, h) \/ StartMove(o, i, h)
        \/ \E w \in Works : GiveUp(o, w) \/ \E i \in Index : Write(o, w, i)
        \/ \E w \in {"repair", "move"} : CommitReplacing(o, w)
    \/ \E h \in Hosts : Collect(h) \/ Scrub(h) \/ Fail(h) \/ Return(h) \/ ReturnEmpty(h) \/ Rot(h)
    \/ ChangeLeader

Spec == Init /\ [][Next]_vars

(* Repair goes on; hosts that are down come back, if only with a new disk. *)
Fairness ==
    /\ \A o \in Objects :
        /\ WF_vars(\E i \in Index, h \in Hosts : StartRepair(o, i, h))
        /\ WF_vars(\E i \in Index : Write(o, "repair", i))
        /\ WF_vars(CommitReplacing(o, "repair"))
        /\ WF_vars(GiveUp(o, "repair"))
    /\ \A h \in Hosts : WF_vars(Scrub(h)) /\ WF_vars(Return(h))

FairSpec == Spec /\ Fairness

--------------------------------------------------------------------------------
(* Properties. *)

Good(o, i) == map[o].place[i] \in up /\ HoldsGood(map[o].place[i], o, map[o].version, i)

Collected(o, i) == <<o, map[o].version, i, map[o].place[i]>> \in collected

(* What a user may rely on: the version in the map can be fetched. *)
Recoverable ==
    \A o \in Objects : map[o].live => Cardinality({i \in Index : Good(o, i)}) >= K

(* An acknowledged version has all its shards but those that nature has taken:   *)
(* so it stays recoverable while these are at most N - K. (That the collector    *)
(* takes none is NoReferencedShardCollected; with FewLosses both together give   *)
(* Recoverable.)                                                                 *)
Durability ==
    \A o \in Objects :
        map[o].live => Cardinality({i \in Index : Good(o, i) \/ Collected(o, i)}) >= N - Cardinality(Lost(o))

NoReferencedShardCollected ==
    \A o \in Objects : map[o].live => \A i \in Index : ~Collected(o, i)

Placement == \A o \in Objects : map[o].live => WellSpread(map[o].place)

(* A read sees a version that was in the map at some moment since it began.      *)
ReadsAreCurrent == \A o \in Objects : read[o].seen # 0 => read[o].seen \in read[o].legal

(* Nothing that has been deleted or overwritten comes back.                      *)
NoResurrection == [][\A o \in Objects : map'[o].version >= map[o].version]_map

Whole(o) == map[o].live => \A i \in Index : Good(o, i)

(* Degraded objects are repaired, as long as they can be. (That they can be is   *)
(* Recoverable, and NoReferencedShardCollected that no collector undoes it.)     *)
Repaired ==
    \A o \in Objects :
        []<>(\/ Whole(o)
             \/ Cardinality({i \in Index : Good(o, i)}) < K
             \/ \E i \in Index : Collected(o, i))

--------------------------------------------------------------------------------
(* To its users the store is a register an object. *)

Register == INSTANCE ObjectRegister WITH
    object <- [o \in Objects |-> [version |-> map[o].version, live |-> map[o].live]]

Refines == Register!Spec

================================================================================
