"""Outside the program: what starts it, watches its processes and makes the trace."""
