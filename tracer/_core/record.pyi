"""The recording of this process: its events, threads, objects and children."""

from collections.abc import Callable, Sequence
from os import PathLike
from types import CodeType, ModuleType

def start(
    spool: str | PathLike[str],
    process_index: int,
    process_path: str,
    memory: bool,
    method: str = "",
    name: str = "MainProcess",
    daemon: bool = False,
    object: str = "",
    lone_reads: bool = False,
) -> None:
    """Records this process into the spool directory; the calling thread becomes thread 1.

    `object` is the key of the object that stands for the process, which the process that made it
    has numbered. `lone_reads`: what a thread reads is recorded while it is alone, too. Raises
    OSError if the spool cannot be written."""

def install() -> None:
    """Makes the process ready to be recorded, once; `start` does it too.

    From then on CPython's own lock types record the locks that the program makes, natively, for
    `threading.Lock()`, `threading.RLock()`, `_thread.allocate_lock()` and the lock of a
    `threading.Condition()`, including what a Condition does with its lock in `wait`; also in a
    recording that starts later. Locks made by code of threading, queue, logging, tracer … are not.
    """

def stop() -> None: ...
def recording() -> bool: ...
def goes_on() -> bool:
    """Whether this process is recorded, and its supervisor still waits for what it does."""

def mark_end(spool: str | PathLike[str]) -> None:
    """By the supervisor, when the program has ended: what is recorded from now on is not of the
    trace, and the spool's files stay as they are."""

def next_seq(spool: str | PathLike[str]) -> int:
    """The next sequence number of the run that is recorded into this spool; 0 if it has not begun.

    Raises OSError if that cannot be read.
    """

def new_thread(name: str, daemon: bool, kind: str, internal: bool = False) -> tuple[int, int]:
    """Numbers a thread that the calling thread is about to start: (thread id, object id).

    `internal` says that the standard library makes it for itself."""

def late_thread(name: str, daemon: bool, kind: str, serves: str) -> tuple[int, int]:
    """Numbers the calling thread, one of the standard library's that was not recorded so far:
    (thread id, object id).

    `serves` says for whom it is there, in the words of the caller's `Line.connect`; may be ""."""

def adopt_threads(threads: list[tuple[int, str, bool, str]]) -> list[tuple[int, int]]:
    """Have the threads, by their idents, names, whether they are daemons, and kinds, recorded from
    their next event on: the numbers of each, as `new_thread` gives them."""

def enter_thread(thread_id: int) -> None: ...
def new_unrecorded_thread() -> int:
    """The calling thread is about to start one that is not recorded: what the controller knows it
    by, for `await_entry` and `forget_thread`; 0 if it is not under control."""

def enter_unrecorded_thread(thread_id: int) -> None: ...
def await_entry(thread_id: int) -> None:
    """The thread has been started: under control it comes to wait for its turn first."""

def forget_thread(thread_id: int) -> None:
    """The thread could not be started."""

def leave_thread() -> None: ...
def rename_thread(thread_id: int, name: str) -> None: ...
def mark_internal(internal: bool) -> None:
    """Whether the calling thread only does work of the standard library's own, or runs the
    program's code."""

def current_thread() -> int: ...
def thread_object(thread_id: int) -> int: ...
def new_object(kind: str, label: str | None = None) -> int: ...
def object_number(object: object) -> int:
    """The id of a tracked lock or a container; 0 if it has none."""

def bind_object(object: object, number: int) -> None:
    """From now on the object is known by this number, wherever it is a value."""

def is_part(object: object, owner: int) -> None:
    """The object, if it has a number, is a part of the one with the number `owner`, by whose name
    it goes unless it has its own."""

def emit(
    op: int, object: int, outcome: int = 0, value: object = ..., link: int = 0, about: int = 0
) -> int:
    """Records an event of the calling thread; returns its sequence number, 0 if there is none.

    An event with a `link` has no value; `about` is the number of the object that is its value."""

def failure(error: BaseException | None) -> tuple[str, int]:
    """The type and the site of an exception that nobody has caught, for `emit_failed`."""

def emit_failed(object: int, name: str, site: int) -> int:
    """The END of the calling thread, which died of an exception. Its gate has been passed."""

def note(text: str) -> None: ...
def look_for_older(looks: bool) -> None: ...
def older_met() -> list[int]: ...
def gap(kind: str, subject: str, thread: int = 0) -> None:
    """Say of what is not in the events what it is, and which thread does it (0: no certain one)."""

def last_event() -> int:
    """The number of the calling thread's last event; 0 if it is not recorded."""

def has_other_threads() -> bool:
    """Whether the interpreter has other threads than the calling one, whoever made them."""

def joined(thread: int, bounded: bool) -> None:
    """The calling thread has waited for the end of this one, `bounded` by a time."""

def begin_turn() -> int:
    """The calling thread runs a callback of an event loop, in which it is not alone; its last
    event."""

def end_turn(since: int) -> bool:
    """The callback has returned; whether the thread has made events since that one."""

def take_turns() -> None:
    """From now on something takes turns in threads, so that none is alone."""

def took_turn(kind: str, strand: int, name: str, since: int) -> None:
    """What the calling thread has recorded after the event `since` was done by one of those that
    take turns in it, a task or a greenlet, with that number and name."""

def add_rewritten(code: CodeType, original: CodeType) -> None:
    """The accesses of this code, and of the code inside it, are recorded; the program sees it as
    `show_original` says."""

def set_internal(prefixes: list[str]) -> None: ...
def pass_over(code: CodeType) -> None:
    """Calls from this code are those of its caller: it is in no line of the program."""

def after_fork(
    process_index: int, process_path: str, memory: bool, name: str, daemon: bool, object: str
) -> None:
    """Goes on in a forked child, as `start` begins in another. Object numbers stay valid there."""

def new_process(name: str, kind: str) -> tuple[str, int]:
    """Numbers a process that the calling thread is about to make: (path, number of the object
    that stands for it, which is shared)."""

def process_index() -> int:
    """The index of this process among those of the run; 0 if it is not recorded."""

def forking(number: int) -> None:
    """The `os.fork` that the calling thread is in makes the process that the object stands for:
    what `os.wait` and its like tell of it are joins."""

def follow_programs(
    hook: Callable[[object, Sequence[object], bool, bool], tuple[list[str], int] | None] | None,
) -> None:
    """Ask the hook about each program that is started: its path or the paths that are tried, its
    arguments, whether it takes this process, whether it is looked for on PATH. It returns the
    arguments to start it with and the object of its process, or None to leave it alone."""

def forks_for_program() -> bool:
    """Whether the process that the calling thread forks is to run another program."""

def child_made(pid: int, number: int, method: str) -> None:
    """The object stands for this child, made by that start method: what `os.wait` and its like tell
    of it are joins."""

def child_ended(pid: int, status: int) -> None:
    """Notes the exit status of a child, negative for a signal."""

def share_object(number: int, key: str = "") -> str:
    """Makes an object one of several processes; returns its key, which is `key` if that is given.
    What has the same key in two processes is one object of the trace."""

def shared_object(key: str) -> int:
    """The number in this process of the shared object with this key."""

def object_of_steps(name: str) -> int:
    """The number of what STEPs of this use are on; 0 if nothing is recorded."""

def parent_was(pid: int) -> None:
    """In a replay, the recorded pid of the parent of the run's first process; 0: not known."""

def known_ident(ident: int) -> int:
    """What the program knows the thread of this process by which has the ident."""

def known_pid(pid: int) -> int:
    """What the program knows the process by: in a replay by the pid that the recording had."""

def recorded_write(stream: object, error: bool) -> Callable[..., int]:
    """The stream's `write` that records OUTPUT. If it is stderr (`error`), pieces are gathered up
    to a line's end."""

def recorded_flush(stream: object, error: bool) -> Callable[..., None]:
    """The `flush` of a stream, or of its buffer, that is an event where its time matters."""

def recorded_write_of_bytes(buffer: object, error: bool) -> Callable[..., int]:
    """The `write` of a stream's buffer that records OUTPUT, but for what the stream writes."""

def recorded_print(builtins: ModuleType) -> Callable[..., None]:
    """The builtin `print`, recording each call as one OUTPUT event."""

def record_inputs_of(module: ModuleType) -> None:
    """Record what the functions of this module tell the program, if they are known."""

def environment_read(variables: dict[bytes, bytes], name: object, /) -> None:
    """The program asks `os.environ`, which keeps them there, for a variable: its value may be an
    input (`core/src/inputs/environment.rs`)."""

def environment_written(name: object, /) -> None:
    """The program gives a variable a value."""

def environment_deleted(variables: dict[bytes, bytes], name: object, /) -> None:
    """The program deletes a variable, which may be to ask for it, too."""

def environment_emptied() -> None:
    """The program deletes all variables."""

def shown(text: str, /) -> str:
    """What the program is told, where the text shows how something stands that other threads
    change: an INPUT, in a replay that of the recording."""

def thread_path(thread_id: int) -> str:
    """The logical path of a thread of this process; empty if there is none."""
