"""`python -m tracer` is the command `trace`, for where the script is not on PATH."""

from .commands import main

main()
