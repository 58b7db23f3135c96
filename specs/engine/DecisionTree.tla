----------------------------- MODULE DecisionTree -----------------------------
(* A decision tree shared by all workers (src/partition/forest.rs). All of it *)
(* stands in an append-only arena: what is written once stays where it is. A  *)
(* node asks for the id in one slot; its edges are pairs (id, target). In a   *)
(* dense node the place of a target is its id, so that the pairs of all small *)
(* ids are there from the beginning, most of them leading nowhere; a sparse   *)
(* node has free pairs. A target is another node, a leaf with an outcome, or  *)
(* nowhere. Workers look rows up without waiting. Who does not find a row     *)
(* evaluates it, and adds its path behind a lock: new nodes are written where *)
(* nobody looks, from the leaf upwards, and one store publishes them: of the  *)
(* root, of a target that led nowhere, of the id of a free pair whose target  *)
(* was stored before, or, if there is neither, of what leads to the node,     *)
(* which then leads to a larger, sparse copy. Old nodes stay for those who    *)
(* still look at them.                                                        *)
(*                                                                            *)
(* IdFirst.cfg stores the id of a pair before its target; LinkFirst.cfg       *)
(* publishes nodes before they are written; MoveFirst.cfg publishes a larger  *)
(* copy before it has the edges of the old one.                               *)
EXTENDS Integers, Sequences, FiniteSets

CONSTANTS
    Threads,
    Rows,             \* states: tuples of ids
    ReadsOf(_),       \* the slots that evaluating a row reads, in order
    OutcomeOf(_),
    DenseIds,         \* nodes are dense while all their ids are below
    FirstPairs,       \* pairs of a new sparse node
    TargetFirst,
    WriteFirst,
    CopyFirst

VARIABLES
    root,    \* a target
    nodes,   \* each <<slot, pairs>>, pairs of an id (-1: free) and a target; <<>> while it is not written
    lock,    \* {} or {thread}
    todo,    \* rows each thread has still to ask for
    row,     \* the row it asks for
    at,      \* the target it stands at
    step,    \* what it does next
    plan,    \* what it is adding: see Lock
    answers  \* <<row, outcome>> found in the tree

vars == <<root, nodes, lock, todo, row, at, step, plan, answers>>

None == <<"none", 0>>
Leaf(outcome) == <<"leaf", outcome>>
Node(n) == <<"node", n>>
Free == <<-1, <<"blank", 0>>>>

Init ==
    /\ root = None /\ nodes = <<>> /\ lock = {}
    /\ todo = [t \in Threads |-> Rows]
    /\ row = [t \in Threads |-> <<>>]
    /\ at = [t \in Threads |-> None]
    /\ step = [t \in Threads |-> "idle"]
    /\ plan = [t \in Threads |-> <<>>]
    /\ answers = {}

\* The pair of a node with an id: 0 if there is none.
PairOf(n, id) ==
    LET with == {p \in DOMAIN nodes[n][2] : nodes[n][2][p][1] = id}
    IN  IF with = {} THEN 0 ELSE CHOOSE p \in with : TRUE

Ask(t) ==
    /\ step[t] = "idle"
    /\ \E r \in todo[t] :
        /\ todo' = [todo EXCEPT ![t] = @ \ {r}]
        /\ row' = [row EXCEPT ![t] = r]
    /\ at' = [at EXCEPT ![t] = root]
    /\ step' = [step EXCEPT ![t] = "find"]
    /\ UNCHANGED <<root, nodes, lock, plan, answers>>

Find(t) ==
    /\ step[t] = "find"
    /\ CASE at[t][1] = "leaf" ->
              /\ answers' = answers \cup {<<row[t], at[t][2]>>}
              /\ step' = [step EXCEPT ![t] = "idle"]
              /\ UNCHANGED at
         [] at[t][1] = "none" -> step' = [step EXCEPT ![t] = "lock"] /\ UNCHANGED <<at, answers>>
         [] at[t][1] = "node" ->
              /\ LET n == at[t][2]
                     pair == PairOf(n, row[t][nodes[n][1]])
                 IN  at' = [at EXCEPT ![t] = IF pair = 0 THEN None ELSE nodes[n][2][pair][2]]
              /\ UNCHANGED <<step, answers>>
    /\ UNCHANGED <<root, nodes, lock, todo, row, plan>>

-----------------------------------------------------------------------------
(* Adding a path. A link is where a target is stored: <<0, 0>> is the root,   *)
(* <<n, p>> the target of pair p of node n.                                   *)

Linked(link) == IF link[1] = 0 THEN root ELSE nodes[link[1]][2][link[2]][2]

\* As far as the path of a row is known: the last link, the node where it ends (0: nowhere yet), slots read so far.
RECURSIVE Walk(_, _, _)
Walk(r, link, depth) ==
    LET target == Linked(link)
    IN  IF target[1] # "node"
        THEN [known |-> target[1] = "leaf", link |-> link, node |-> 0, depth |-> depth]
        ELSE LET pair == PairOf(target[2], r[nodes[target[2]][1]])
             IN  IF pair = 0
                 THEN [known |-> FALSE, link |-> link, node |-> target[2], depth |-> depth + 1]
                 ELSE Walk(r, <<target[2], pair>>, depth + 1)

\* Nodes for the slots that are not asked for yet, the last slot first; they begin after node n.
RECURSIVE Chain(_, _, _)
Chain(r, slots, n) ==
    IF slots = <<>>
    THEN <<>>
    ELSE LET slot == slots[Len(slots)]
             target == IF n = Len(nodes) THEN Leaf(OutcomeOf(r)) ELSE Node(n)
             sparse == [p \in 1..FirstPairs |-> IF p = 1 THEN <<r[slot], target>> ELSE Free]
             dense == [p \in 1..DenseIds |-> <<p - 1, IF p - 1 = r[slot] THEN target ELSE None>>]
             pairs == IF r[slot] < DenseIds THEN dense ELSE sparse
         IN  <<<<slot, pairs>>>> \o Chain(r, SubSeq(slots, 1, Len(slots) - 1), n + 1)

Lock(t) ==
    /\ step[t] = "lock" /\ lock = {}
    /\ LET walk == Walk(row[t], <<0, 0>>, 0)
           reads == ReadsOf(row[t])
           chain == Chain(row[t], SubSeq(reads, walk.depth + 1, Len(reads)), Len(nodes))
       IN  IF walk.known
           THEN step' = [step EXCEPT ![t] = "idle"] /\ UNCHANGED <<lock, nodes, plan>>
           ELSE /\ lock' = {t}
                /\ nodes' = nodes \o [n \in DOMAIN chain |-> IF WriteFirst THEN chain[n] ELSE <<>>]
                /\ plan' = [plan EXCEPT ![t] =
                     [node |-> walk.node, link |-> walk.link, chain |-> chain, base |-> Len(nodes),
                      id |-> IF walk.node = 0 THEN 0 ELSE row[t][nodes[walk.node][1]],
                      target |-> IF chain = <<>> THEN Leaf(OutcomeOf(row[t])) ELSE Node(Len(nodes) + Len(chain))]]
                /\ step' = [step EXCEPT ![t] = "publish"]
    /\ UNCHANGED <<root, todo, row, at, answers>>

FreePair(n) == LET free == {p \in DOMAIN nodes[n][2] : nodes[n][2][p][1] = -1} IN
    IF free = {} THEN 0 ELSE CHOOSE p \in free : \A q \in free : p <= q

Unlock(t) == lock' = {} /\ step' = [step EXCEPT ![t] = "idle"]
After(t) == IF WriteFirst THEN Unlock(t) ELSE step' = [step EXCEPT ![t] = "write"] /\ UNCHANGED lock

Store(link, target) ==
    IF link[1] = 0
    THEN root' = target /\ UNCHANGED nodes
    ELSE nodes' = [nodes EXCEPT ![link[1]][2][link[2]][2] = target] /\ UNCHANGED root

\* A node without a free pair is written anew, twice as large and sparse, and then linked.
Publish(t) ==
    /\ step[t] = "publish"
    /\ LET p == plan[t]
       IN  IF p.node = 0
           THEN Store(p.link, p.target) /\ After(t) /\ UNCHANGED plan
           ELSE IF FreePair(p.node) # 0
           THEN /\ nodes' = [nodes EXCEPT ![p.node][2][FreePair(p.node)] =
                                IF TargetFirst THEN <<-1, p.target>> ELSE <<p.id, @[2]>>]
                /\ plan' = [plan EXCEPT ![t].link = <<p.node, FreePair(p.node)>>]
                /\ step' = [step EXCEPT ![t] = "pair"]
                /\ UNCHANGED <<root, lock>>
           ELSE LET old == SelectSeq(nodes[p.node][2], LAMBDA pair : pair[2] # None)
                    known == IF CopyFirst THEN old ELSE <<>>
                    pairs == known \o <<<<p.id, p.target>>>> \o [i \in 1..Len(old) + 1 |-> Free]
                IN  /\ nodes' = Append(nodes, <<nodes[p.node][1], pairs>>)
                    /\ plan' = [plan EXCEPT ![t].node = 0, ![t].target = Node(Len(nodes) + 1)]
                    /\ UNCHANGED <<root, lock, step>>
    /\ UNCHANGED <<todo, row, at, answers>>

\* The other half of a pair.
Pair(t) ==
    /\ step[t] = "pair"
    /\ nodes' = [nodes EXCEPT ![plan[t].link[1]][2][plan[t].link[2]] = <<plan[t].id, plan[t].target>>]
    /\ After(t)
    /\ UNCHANGED <<root, todo, row, at, plan, answers>>

Write(t) ==
    /\ step[t] = "write"
    /\ nodes' = [n \in DOMAIN nodes |->
                    IF n - plan[t].base \in DOMAIN plan[t].chain THEN plan[t].chain[n - plan[t].base] ELSE nodes[n]]
    /\ Unlock(t)
    /\ UNCHANGED <<root, todo, row, at, plan, answers>>

-----------------------------------------------------------------------------

Work(t) == Ask(t) \/ Find(t) \/ Lock(t) \/ Publish(t) \/ Pair(t) \/ Write(t)
Done == (\A t \in Threads : todo[t] = {} /\ step[t] = "idle") /\ UNCHANGED vars
Next == Done \/ \E t \in Threads : Work(t)
Spec == Init /\ [][Next]_vars /\ \A t \in Threads : SF_vars(Work(t))

\* Nobody follows an edge to what is not written.
Sound == \A t \in Threads : step[t] = "find" =>
    /\ at[t][1] # "blank"
    /\ at[t][1] = "node" => at[t][2] <= Len(nodes) /\ nodes[at[t][2]] # <<>>

\* What the tree says is what evaluation gives.
MemoIsDirect == \A a \in answers : a[2] = OutcomeOf(a[1])

\* What was added is found from then on: a row is in the tree or nobody has added it.
Kept == \A a \in answers : Walk(a[1], <<0, 0>>, 0).known

AllAnswered == <>(\A t \in Threads : todo[t] = {} /\ step[t] = "idle")
=============================================================================
