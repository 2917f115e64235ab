"""Source rewriting: shared accesses of the program's own code go through the core's hooks."""
