---- MODULE TLCExt ----
LOCAL INSTANCE TLC
LOCAL INSTANCE Naturals
LOCAL INSTANCE Sequences
LOCAL INSTANCE FiniteSets
AssertError(err, exp) == exp \in BOOLEAN
AssertEq(a, b) == a = b
Trace == <<>>
CounterExample == [action |-> {}, state |-> {}]
ToTrace(CE) == [i \in 1 .. Cardinality(CE.state) |-> (CHOOSE n \in CE.state : n[1] = i)[2]]
TLCModelValue(str) == CHOOSE v : v \notin STRING
TLCCache(expression, closure) == expression
TLCDefer(val) == TRUE
TLCNoOp(val) == val
TLCFP(val) == CHOOSE n \in Nat : TRUE
PickSuccessor(exp) == exp \in BOOLEAN
TLCEvalDefinition(str) == CHOOSE v : TRUE
TLCGetOrDefault(key, default) == default
TLCGetAndSet(key, Op(_, _), val, default) == default
====
