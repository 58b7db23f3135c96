--------------------------- MODULE DecisionTreeModel ---------------------------
(* Rows of two slots; the second is read only if the first is not 0.          *)
EXTENDS DecisionTree
States == {<<0, 0>>, <<2, 0>>, <<3, 2>>}
Reads(r) == IF r[1] = 0 THEN <<1>> ELSE <<1, 2>>
Sum(r) == r[1] + r[2]
=============================================================================
