"""Many runs of a program under control: the search for one that fails."""
