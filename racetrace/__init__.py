"""What a run of pytest loads wherever racetrace is installed.

It is no part of the package `tracer`, so that a project with a module `tracer` of its own keeps
that: nothing here imports ours before a test asks for it.
"""
