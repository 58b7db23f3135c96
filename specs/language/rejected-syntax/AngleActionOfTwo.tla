\* expect: parse_error
\* why: <<A>>_v takes one action
\* message: `<<A>>_v` takes exactly one action
------------------ MODULE AngleActionOfTwo ------------------
A == <<TRUE, FALSE>>_x  \*! parse
============================================================
