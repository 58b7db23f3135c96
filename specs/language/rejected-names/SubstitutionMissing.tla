---- MODULE SubstitutionMissing ----
VARIABLE x
One == INSTANCE Inner WITH c <- 1  \*! 4240
Two == INSTANCE Inner WITH c <- 1, y <- x, z <- x  \*! 4242
Three == INSTANCE Inner WITH c <- x, y <- x  \*! 4243
Four == INSTANCE Inner WITH c <- 1, y <- x'  \*! 4243
Five == INSTANCE Inner WITH c <- 1, y <- x, y <- x  \*! 4241
Six == INSTANCE Inner WITH c <- 1, y <- x
====
---- MODULE Inner ----
CONSTANT c
VARIABLE y
A == y = c
====
