----------------------------- MODULE InternerModel -----------------------------
(* 1 and 2 have no parts, 3 is <<1, 2>>; 1 and 3 are in one shard.            *)
EXTENDS Interner
Parts(v) == IF v = 3 THEN <<1, 2>> ELSE <<>>
Half(v) == v % 2
=============================================================================
