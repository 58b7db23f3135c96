\* expect: parse_error
\* why: a tuple at the start of a set is read as what is bound
\* message: a tuple before `\in` is read here as bound names
-------------------- MODULE TuplePattern --------------------
A == {<<1>> \in {2}, TRUE}  \*! parse
============================================================
