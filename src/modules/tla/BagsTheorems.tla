---- MODULE BagsTheorems ----
EXTENDS Bags, BagsExt
====
