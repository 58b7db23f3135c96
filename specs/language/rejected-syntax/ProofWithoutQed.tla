\* expect: parse_error
\* why: steps without QED
\* message: expected the `QED` step of the proof
------------------ MODULE ProofWithoutQed ------------------
THEOREM TRUE
<1>1. TRUE
  OBVIOUS
A == 1  \*! parse
============================================================
