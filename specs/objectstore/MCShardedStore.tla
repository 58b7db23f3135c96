----------------------------- MODULE MCShardedStore -----------------------------
(* ShardedStore with what its models need. *)
EXTENDS ShardedStore, TLC

CONSTANTS Twins, Singles

(* The twins share a failure domain, everybody else has one of his own. *)
TwinsTogether(h) == IF h \in Twins THEN "twins" ELSE h

Interchangeable == Permutations(Twins) \cup Permutations(Singles) \cup Permutations(Index)

AllHosts == Twins \cup Singles

(* Without symmetry it is enough that puts choose one layout: the others are the *)
(* same up to names.                                                             *)
OneLayout == {CHOOSE place \in [Index -> Hosts] : WellSpread(place)}

================================================================================
