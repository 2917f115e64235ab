"""The command `trace`; `python -m racetrace` is for where the script is not on PATH."""

from racetrace.tracer.commands import main

if __name__ == "__main__":
    main()
