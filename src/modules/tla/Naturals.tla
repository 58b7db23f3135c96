---- MODULE Naturals ----
(* Natural numbers. Every operator here has a native version; the bodies only say what it means. *)
Nat == CHOOSE N : TRUE
a + b == CHOOSE c \in Nat : TRUE
a - b == CHOOSE c \in Nat : b + c = a
a * b == CHOOSE c \in Nat : TRUE
a ^ b == CHOOSE c \in Nat : TRUE
a \leq b == \E c \in Nat : b = a + c
a \geq b == b \leq a
a < b == a \leq b /\ a # b
a > b == b < a
a .. b == {i \in Nat : a \leq i /\ i \leq b}
a \div b == CHOOSE q \in Nat : q * b \leq a /\ a < (q + 1) * b
a % b == a - (b * (a \div b))
====
