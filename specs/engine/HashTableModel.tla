---------------------------- MODULE HashTableModel ----------------------------
(* Keys that collide in every way: 0, 2 and 4 have one home in a table of two *)
(* entries, 0 and 4 in a table of four too, and 0 and 2 have one tag.         *)
EXTENDS HashTable
Home(k) == k
Tag(k) == IF k < 4 THEN 0 ELSE 1
=============================================================================
