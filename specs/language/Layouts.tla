\* expect: ok
\* why: junction lists with tabs, keywords and nested lists
---- MODULE Layouts ----
EXTENDS Naturals
VARIABLES x
A ==	/\ TRUE
	/\ \/ FALSE
	   \/ /\ TRUE
	      /\ 1 = 1
        /\ 2 = 2
B == /\ 1
        + 1 = 2
     /\ IF TRUE
        THEN /\ TRUE
             /\ TRUE
        ELSE \/ FALSE
     /\ LET q == /\ TRUE
                 /\ TRUE
        IN q
     /\ CASE TRUE -> /\ TRUE
                     /\ TRUE
          [] FALSE -> FALSE
     /\ \A i \in 1..2 : \/ i = 1
                        \/ i = 2
     /\ (\/ FALSE
         \/ TRUE) /\ TRUE
     /\ {1} = { 1 }
     /\ TRUE => \/ TRUE
                \/ FALSE
C == \/ FALSE \/ TRUE
     \/ FALSE /\ TRUE
ASSUME A /\ B /\ C
Init == x = 0
Next == x' = x
====
