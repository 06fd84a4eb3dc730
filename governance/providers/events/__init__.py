"""Events of providers: read, judged one by one, kept once, folded into shipments and counts."""
