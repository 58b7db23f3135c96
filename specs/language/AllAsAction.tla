\* expect: ok
\* distinct: 4
\* generated: 17
\* depth: 2
\* why: \A over a constant set assigns
-------------------- MODULE AllAsAction --------------------
EXTENDS Naturals
VARIABLES a, b

Init == a = 0 /\ b = 0

(* \A as an action is a conjunction: it assigns every primed variable. *)
Next == \A v \in {"a", "b"} :
    \/ v = "a" /\ a' \in {0, 1}
    \/ v = "b" /\ b' \in {0, 1}
============================================================
