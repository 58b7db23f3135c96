---------------------------- MODULE SearchTeamModel ----------------------------
(* Five rows in four levels: two ways lead to 4, and 5 leads back.            *)
EXTENDS SearchTeam
Rows(r) == CASE r = 1 -> {2, 3} [] r = 2 -> {4} [] r = 3 -> {1, 4} [] r = 4 -> {5} [] OTHER -> {1}
Start == <<1>>
=============================================================================
