\* expect: config_error
\* why: -+-> is not supported
--------------------- MODULE Guarantees ---------------------
VARIABLE x
Init == x = 0
Next == UNCHANGED x
Spec == Init /\ [][Next]_x
Promise == []<>(x = 0) -+-> []<>(x = 1)  \*! 2206
============================================================
