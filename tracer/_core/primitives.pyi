"""What is known of locks, queues, pipes and sockets while they are recorded."""

from collections.abc import Callable
from typing import Any, TypeVar

from tracer._core import hooks

_T = TypeVar("_T")

def install_semlock() -> None:
    """Lets the locks and semaphores of multiprocessing be recorded; needs `_multiprocessing`."""

def track_semlock(lock: object, number: int, kind: str, most: int) -> None:
    """From now on this `_multiprocessing.SemLock` is recorded as the object with this number.

    `kind` is "Lock", "RLock" or another for a semaphore; releases above `most` fail."""

def remember_locks(locks: list[Any]) -> None:
    """These locks, older than `install`, are recorded when the program's code uses them."""

def track_lock(lock: object, number: int) -> None:
    """Makes a lock that the standard library has made one of the program's; `number` is that of
    its object, 0 if it has none yet."""

class Exchange:
    """One end of the connection between a thread that calls proxies and the thread of a manager's
    server that serves it."""

    def connect(self) -> None:
        """The thread is about to send the connection's first request, which says whom the server's
        thread serves."""

    def result(self, outcome: int) -> None:
        """The answer to the call under way has come, or, with another outcome, has not."""

    @property
    def seq(self) -> int:
        """The event that sent the last message; 0: it had none."""

    @property
    def told(self) -> str:
        """What the answer said of the object that it gave a proxy of."""

    @property
    def requested(self) -> bool:
        """Whether the server's thread has a request that is to be recorded."""

    def managed(self, function: Callable[..., Any], object: object, name: str) -> hooks.managed:
        """What calls the native function, which is the method `name` of the object, and records
        what it does as the caller's."""

def kept(object: object, name: str) -> Any:
    """What the object keeps for us under the name; None if nothing. No code of its class is run."""

def keep(object: object, name: str, value: _T) -> _T:
    """Has the object keep the value; None: nothing any more."""

def keep_first(object: object, name: str, value: _T) -> _T:
    """What the object keeps under the name: the value, if there was nothing."""

class State:
    """What is known of one primitive in the present recording."""

    number: int
    def __init__(self, *arguments: object) -> None: ...
    @property
    def session(self) -> int: ...

def is_internal_module(name: str) -> bool:
    """Whether the module's locks order nothing that a program may rely on: the standard library's
    that make primitives for themselves, and ours."""

def session() -> int:
    """A number that changes when object numbers lose their meaning."""

class MessageHook:
    """`hook[arguments]`: a native hook of that name in the code of multiprocessing's pipes,
    queues, pools or managers. `make` is called for what is rare: it gives what is known of an owner
    where that is not ready, for it was unpickled, or recorded before. To `take` and `give` it is
    the method of the queue, to `finished` the type in which pools wrap an error."""

    def __init__(self, name: str, make: Callable[..., object]) -> None: ...
    def __getitem__(self, arguments: tuple[object, ...]) -> object: ...

class Envelopes:
    """What is to ride behind each item that waits for a queue's feeder thread. `lock` is the
    `_multiprocessing.SemLock` that counts how many items more the queue may have."""

    def __init__(self, lock: object) -> None: ...

def give_envelope(seq: int, key: str) -> None:
    """What is to ride in the next message that the calling thread sends: the event that sends it,
    and the key of the object that it is about."""

def take_envelope() -> tuple[int, str, int] | None:
    """Takes it back: the event, the key, and the step with which a ThreadPool's task was given to
    its workers (else 0)."""

def take_begun() -> int:
    """The number of the task that was in it, whose RUN has been recorded; once."""

def answers_task() -> None:
    """The calling thread, a pool's worker, is about to send what came out of its task."""

def made_sockets(one: int, other: int) -> None:
    """The caller's caller has made a pair of sockets with these descriptors: what passes through
    them is recorded if that is the program's code."""

def record_sockets() -> None:
    """Record, as steps, what sockets do, when `_socket` has been imported."""

def making_socket() -> None:
    """The calling thread is about to make a socket."""

def made_socket(socket: object) -> None:
    """The calling thread has made the `_socket.socket`: its number is a step."""

def record_polls() -> None:
    """Record, as steps, what the module `select` finds ready, when it has been imported."""
