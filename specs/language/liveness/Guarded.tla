\* expect: ok
\* distinct: 4
\* why: what a guard keeps from being evaluated has no value elsewhere
---------------------- MODULE Guarded ----------------------
EXTENDS Sequences, Naturals
VARIABLE q
Init == q = <<>>
Put == Len(q) < 1 /\ \E v \in 1..3 : q' = Append(q, v)
Get == q # <<>> /\ q' = Tail(q)
Next == Put \/ Get
Spec == Init /\ [][Next]_q /\ WF_q(Next)
Served == \A v \in 1..3 : []((q # <<>> /\ Head(q) = v) => <>(q = <<>>))
Mixed == []((q # <<>>) => (Head(q) \in 1..3 /\ <>(q = <<>>)))
============================================================
