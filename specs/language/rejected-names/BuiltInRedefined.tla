---- MODULE BuiltInRedefined ----
a \cup b == a  \*! 4202
====
