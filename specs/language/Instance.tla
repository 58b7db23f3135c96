\* expect: ok
\* distinct: 60
\* generated: 61
\* depth: 60
\* why: INSTANCE of a nested module, with substitution, with parameters, and refinement
---------------------- MODULE Instance ----------------------
EXTENDS Naturals
VARIABLE minute

---- MODULE Counter ----
EXTENDS Naturals
CONSTANT Limit
VARIABLE value
Start == value = 0
Tick == value' = (value + 1) % Limit
Spec == Start /\ [][Tick]_value
Bounded == value < Limit
====

(* Minutes refine a counter of quarters: some steps of ours are none of its. *)
Quarters == INSTANCE Counter WITH value <- minute \div 15, Limit <- 4
Modulo(k) == INSTANCE Counter WITH value <- minute, Limit <- k

Init == minute = 0
Next == minute' = (minute + 1) % 60
Spec == Init /\ [][Next]_minute

Implemented == Quarters!Spec
Facts == Quarters!Bounded /\ Modulo(60)!Bounded /\ (minute > 9 => ~Modulo(10)!Bounded)
============================================================
