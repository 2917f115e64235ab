"""`python -m tracer.commands` is the command `trace`, for where the script is not on PATH."""

from tracer.commands import main

main()
