"""The command, and what a run of pytest loads wherever racetrace is installed.

The package `tracer`, which programs import, is loaded from here as `racetrace.tracer`, and our own
code knows it by that name only: a program that is recorded may have a module `tracer` of its own.

PYTEST_DONT_REWRITE says to pytest that it may find this imported already.
"""

import os

__path__.append(os.path.dirname(os.path.dirname(__file__)))
