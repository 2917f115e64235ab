"""What an event did and how it ended: the codes that the file, the core and all of Python share.

Apart from `tracer.events`, because a recorded program imports these and no more of a trace.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Op(IntEnum):
    """What an event did. The codes are those of the file and of the core (`_core.OPS`)."""

    # Accesses to a location.
    READ = 1
    WRITE = 2
    DELETE = 3
    UPDATE = 4  # an atomic read-modify-write made by one C call: list.append, dict.setdefault …
    ITERATE = 5  # a read of the whole container: iteration, copy, keys() …
    # Threads. The object is the thread that is started, joined or observed.
    START = 10
    BEGIN = 11
    END = 12
    JOIN = 13
    OBSERVE = 14  # another thread was seen to be alive or not: is_alive(), active_count()
    # A thread is about to block on the object; the value names the op it waits for.
    REQUEST = 15
    TERMINATE = 16  # a signal is sent to a process; the value is its number
    # The state of a lock, semaphore or barrier is asked for: locked(), get_value(), n_waiting; the
    # value is the answer.
    LOOK = 18
    # Locks and semaphores.
    ACQUIRE = 20
    RELEASE = 21
    # Conditions, events, barriers.
    WAIT = 22  # the end of a wait
    NOTIFY = 23
    SET = 24
    CLEAR = 25
    IS_SET = 26
    ARRIVE = 27  # at a barrier; the value is the generation
    RESET = 28
    ABORT = 29
    # Queues.
    PUT = 30
    GET = 31
    TASK_DONE = 32
    QSIZE = 33
    EMPTY = 34
    FULL = 35
    SHUTDOWN = 36
    # The rest.
    SLEEP = 40
    WAKE = 41
    OUTPUT = 42
    FIRE = 43  # a Timer calls its function
    CANCEL = 44  # a Timer was cancelled; a Future, where the value says whether it was
    INPUT = 45  # the time, a random number, what was read: an answer from outside the program
    # What the standard library does for itself, and processes race for: a replay needs its order.
    STEP = 46
    # Pipes, and pairs of sockets. CLOSE also ends a queue between processes, a pool, and the use of
    # named memory, whose name it takes away if the value is "unlink".
    SEND = 50
    RECV = 51
    POLL = 52
    CLOSE = 53
    OPEN = 54  # named memory; the value is "create" or "attach"
    # Tasks of pools and executors; the object is the task's result or future.
    SUBMIT = 60
    RUN = 61  # a worker begins with it
    FINISH = 62  # a worker is done with it
    CALLBACK = 63  # the program's function is called with what came out
    RESULT = 64  # a thread has what came out
    # Managed objects. A manager's thread executes what the caller's thread waits for.
    CALL = 70
    EXECUTE = 71
    RETURN = 72

    @property
    def label(self) -> str:
        """The name used in tables and JSON: `task_done`."""
        return self.name.lower()

    @property
    def is_access(self) -> bool:
        """Whether the event's target is a location rather than an object."""
        return self <= Op.ITERATE


class Outcome(IntEnum):
    """How an operation ended. `BOUNDED` on a REQUEST says that the wait has a timeout."""

    OK = 0
    TIMED_OUT = 1
    INTERRUPTED = 2
    WOULD_BLOCK = 3
    BROKEN = 4
    RAISED = 5
    BOUNDED = 6

    @property
    def label(self) -> str:
        return self.name.lower()


class GapKind(StrEnum):
    """Of something of the run that is not in its events: what it is. See `_core.record.gap`."""

    ADOPTED = "adopted"  # a thread is older than the recording; recorded from its first event on
    EXCEPTHOOK = "excepthook"  # a thread that died has called the program's own
    GREENLET = "greenlet"  # a turn of one
    TASK = "task"  # a turn of one of asyncio's
    INCLUDE = "include"  # a name that --include gives, of which there was no module …
    INCLUDED = "included"  # … and one that was found after all
    OLDER = "older"  # a thread is older than the recording, and was not recorded
    OWN_CODE = "own-code"  # a thread ran code of the program's own that was not recorded
    PACKAGE = "package"  # the same of an installed package
    PROCESS = "process"  # a package made a process in a way of its own
    PROGRAM = "program"  # a Python program was started
    RUNNING = "running"  # code that ran already when the recording began
    SUBINTERPRETER = "subinterpreter"


WORKER = "worker"
"""The value of the START of a thread or process that a pool or an executor makes to do tasks."""
ONLY_WORKER = "only worker"
"""That of one that never has another beside it, so that its tasks come one after the other."""
