---------------------------- MODULE QueueScenarios ----------------------------
(* Steps that are to be taken, as properties that say they never are: the      *)
(* counterexample is the shortest behaviour that ends with such a step.        *)
EXTENDS BoundedQueue

(* All consumers sleep, and a producer wakes them up. *)
NeverWokenToGet == [][~(waiting = Consumers /\ waiting' = {})]_vars

(* All producers sleep, and a consumer wakes them up. *)
NeverWokenToPut == [][~(waiting = Producers /\ waiting' = {})]_vars

(* Of the items of two producers, the older one is taken first. *)
NeverInOrder == [][~(Len(queue) = 2 /\ queue[1] # queue[2] /\ queue' = Tail(queue))]_vars
==============================================================================
