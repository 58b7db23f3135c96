\* expect: parse_error
\* why: a name that nothing defines
------------------ MODULE ParseUnknownName ------------------
VARIABLE x
Init == x = zero  \*! 4200
Next == UNCHANGED x
============================================================
