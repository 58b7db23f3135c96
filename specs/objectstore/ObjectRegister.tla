----------------------------- MODULE ObjectRegister -----------------------------
(* What an object store is to its users: each object is a register.              *)
(*                                                                               *)
(* Every put and every delete makes a version, larger than all before. A read    *)
(* answers with a version that was the object's at some moment between its       *)
(* beginning and its end: so each read, like each write, takes effect at one     *)
(* moment, and whoever has had a write acknowledged reads it or a later one.     *)
(*                                                                               *)
(* ShardedStore implements this with shards on hosts that fail.                  *)
EXTENDS Naturals

CONSTANTS
    Objects,
    VersionMax   \* versions of an object

VARIABLES
    object,  \* object -> its newest version, and whether that is an object or its deletion
    read     \* object -> the read under way: versions it may answer with, and the one it has seen

vars == <<object, read>>

NoRead == [legal |-> {}, seen |-> 0]

TypeOK ==
    /\ object \in [Objects -> [version : 0..VersionMax, live : BOOLEAN]]
    /\ read \in [Objects -> [legal : SUBSET (0..VersionMax), seen : 0..VersionMax]]

Init ==
    /\ object = [o \in Objects |-> [version |-> 0, live |-> FALSE]]
    /\ read = [o \in Objects |-> NoRead]

Reading(o) == read[o].legal # {}

(* A put or a delete. A read that is under way may see it. *)
Change(o, version, live) ==
    /\ version > object[o].version
    /\ object' = [object EXCEPT ![o] = [version |-> version, live |-> live]]
    /\ read' = IF Reading(o) THEN [read EXCEPT ![o].legal = @ \cup {version}] ELSE read

BeginRead(o) ==
    /\ ~Reading(o)
    /\ read' = [read EXCEPT ![o] = [legal |-> {object[o].version}, seen |-> 0]]
    /\ UNCHANGED object

See(o) ==
    /\ \E version \in read[o].legal : read' = [read EXCEPT ![o].seen = version]
    /\ UNCHANGED object

(* What was seen cannot be fetched any more. *)
LookAgain(o) ==
    /\ Reading(o)
    /\ read' = [read EXCEPT ![o].seen = 0]
    /\ UNCHANGED object

Answer(o) ==
    /\ read[o].seen # 0
    /\ read' = [read EXCEPT ![o] = NoRead]
    /\ UNCHANGED object

Next ==
    \E o \in Objects :
        \/ \E version \in 1..VersionMax, live \in BOOLEAN : Change(o, version, live)
        \/ BeginRead(o) \/ See(o) \/ LookAgain(o) \/ Answer(o)

Spec == Init /\ [][Next]_vars

--------------------------------------------------------------------------------

(* What has been overwritten or deleted does not come back. *)
VersionsGrow == [][\A o \in Objects : object'[o].version >= object[o].version]_object

ReadsAreCurrent == \A o \in Objects : read[o].seen # 0 => read[o].seen \in read[o].legal

================================================================================
