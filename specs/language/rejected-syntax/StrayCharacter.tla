\* expect: parse_error
\* why: a character of no meaning
\* message: the character ';' has no meaning in TLA+
------------------- MODULE StrayCharacter -------------------
A == 1; 2  \*! parse
============================================================
