\* expect: parse_error
\* why: INSTANCE without a module
\* message: expected a name, found `VARIABLE`
--------------- MODULE InstanceWithoutModule ---------------
I == INSTANCE  
VARIABLE x  \*! parse
============================================================
