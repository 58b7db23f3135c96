---- MODULE UnknownSymbol ----
Sum == 1 + 2  \*! 4200
====
