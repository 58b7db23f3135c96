\* expect: parse_error
\* why: a name that nothing defines
------------------ MODULE ParseUnknownName ------------------
VARIABLE x
Init == x = zero  \*! 4203
Next == UNCHANGED x
============================================================
