\* expect: ok
\* distinct: 7
\* generated: 13
\* depth: 3
\* why: tuples, sequences, tuple patterns, products
----------------------- MODULE Tuples -----------------------
EXTENDS Naturals, Sequences
VARIABLE q

Init == q = <<>>
Next == \/ \E e \in {"x", "y"} : Len(q) < 2 /\ q' = Append(q, e)
        \/ q # <<>> /\ q' = Tail(q)

Facts ==
    /\ {<<a, b>> \in {1, 2} \X {1, 2} : a < b} = {<<1, 2>>}
    /\ {a + b : <<a, b>> \in {<<1, 2>>, <<3, 4>>}} = {3, 7}
    /\ [<<a, b>> \in {1} \X {2} |-> a + b][1, 2] = 3
    /\ {1} \X {2} \X {3} = {<<1, 2, 3>>}
    /\ ({1} \X {2}) \X {3} = {<<<<1, 2>>, 3>>}
    /\ <<1, 2>> = [i \in 1..2 |-> i]
    /\ <<>> = [i \in {} |-> i]
    /\ q \in Seq({"x", "y"})
============================================================
