\* expect: ok
\* distinct: 3
\* generated: 6
\* depth: 1
\* why: CASE with OTHER takes the first true arm
------------------------ MODULE Case ------------------------
EXTENDS Naturals
VARIABLE light

Init == light \in {"red", "green", "yellow"}

Next == light' = CASE light = "red" -> "green"
                   [] light = "green" -> "yellow"
                   [] light = "green" -> "red"      \* never reached: the first true arm counts
                   [] OTHER -> "red"

Known == light \in {"red", "green", "yellow"}
============================================================
