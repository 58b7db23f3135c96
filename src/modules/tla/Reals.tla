---- MODULE Reals ----
EXTENDS Integers
Real == CHOOSE R : Int \subseteq R
a / b == CHOOSE c \in Real : b * c = a
Infinity == CHOOSE x : x \notin Real
====
