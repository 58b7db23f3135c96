\* expect: parse_error
\* why: CHOOSE binds one name
\* message: CHOOSE binds one name or one tuple
--------------------- MODULE ChooseTwo ---------------------
A == CHOOSE x, y \in {1} : TRUE  \*! parse
============================================================
