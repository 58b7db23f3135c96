\* expect: ok
\* distinct: 4
\* generated: 7
\* depth: 2
\* why: junction lists by columns, and infix operators inside them
--------------------- MODULE Junctions ---------------------
EXTENDS Naturals
VARIABLE x

Init == x = 0

(* Three steps from 0: an infix \/ continues the item that it is indented under. *)
Next == \/ /\ x = 0
           /\ \/ x' = 1
              \/ x' = 2
                 \/ x' = 3
        \/ /\ x \in {1, 2}
           /\ x' = 3
        \/ x = 3 /\ x' = 3

(* Below its bullet's column a list ends: this is ((/\ x >= 0 /\ x <= 9) \/ FALSE). *)
Small == /\ x >= 0
         /\ x <= 9
      \/ FALSE
============================================================
