"""Record what the threads and processes of a Python program do to each other, and read it back.

    trace = tracer.load("race.msgpack")
    for event in trace.events.filter(op="write"):
        print(event.seq, event.thread.name, event.target, event.value)

Names are imported when they are first used, so that `import tracer` costs a recorded program
next to nothing.

PYTEST_DONT_REWRITE says to pytest that it may find this imported already, as `trace run -m pytest`
does: it would warn that the assertions here stay as they are.
"""

from __future__ import annotations

if __name__ == "tracer":
    # A program imports us. It is given what is loaded as `racetrace.tracer`, the name that our own
    # code goes by: a program that is recorded may have another `tracer`.
    from racetrace import public

    public.give()

TYPE_CHECKING = False  # as in typing, which takes long to import

if TYPE_CHECKING:
    from .errors import InconclusiveWarning, TraceFileError, TracerError
    from .events import (
        NO_VALUE,
        Event,
        Finding,
        Location,
        LocationKind,
        Object,
        Op,
        Outcome,
        Process,
        Ref,
        Site,
        Thread,
    )
    from .log import Events
    from .recording.inprocess import record
    from .trace import Trace, load

_HOMES = {
    ".errors": ("InconclusiveWarning", "TraceFileError", "TracerError"),
    ".events": (
        "NO_VALUE",
        "Event",
        "Finding",
        "Location",
        "LocationKind",
        "Object",
        "Op",
        "Outcome",
        "Process",
        "Ref",
        "Site",
        "Thread",
    ),
    ".log": ("Events",),
    ".recording.inprocess": ("record",),
    ".trace": ("Trace", "load"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "NO_VALUE",
    "Event",
    "Events",
    "Finding",
    "InconclusiveWarning",
    "Location",
    "LocationKind",
    "Object",
    "Op",
    "Outcome",
    "Process",
    "Ref",
    "Site",
    "Thread",
    "Trace",
    "TraceFileError",
    "TracerError",
    "load",
    "record",
]


def __getattr__(name: str) -> object:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(module, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
