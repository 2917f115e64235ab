"""Inside the program: what records in its processes."""
