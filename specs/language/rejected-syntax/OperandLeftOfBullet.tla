\* expect: parse_error
\* why: the right operand stands left of the bullet
\* message: expected an expression after `=`, found `2`
---------------- MODULE OperandLeftOfBullet ----------------
A == /\ 1 =
  2  \*! parse
============================================================
