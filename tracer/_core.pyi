"""The native core, as Python sees it."""

import ast
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from types import CodeType, ModuleType
from typing import Any, NoReturn, TypeAlias, TypedDict, TypeVar

_T = TypeVar("_T")

OPS: list[tuple[str, int]]
RULES: list[tuple[str, str]]

# -- fileformat --

_Row: TypeAlias = tuple[object, ...]
_StringId: TypeAlias = int
# seq, t, thread, op, target, site, value, outcome, flags, link
_EventRow: TypeAlias = tuple[int, int, int, int, int, int, object, int, int, int, int]

class TraceData:
    """A trace file that is open. Every id counts from 1; 0 means none."""

    @staticmethod
    def open(path: str | PathLike[str]) -> TraceData: ...
    @staticmethod
    def from_rows(
        strings: Iterable[str | bytes],
        threads: Iterable[_Row],
        objects: Iterable[_Row],
        locations: Iterable[_Row],
        sites: Iterable[_Row],
        events: Iterable[_Row],
        gaps: Iterable[tuple[str, str, int]] = (),
    ) -> TraceData:
        """A trace in memory. Trailing fields of a row may be left out; where a string id is
        wanted, a str does as well. The rows are:

        threads    path, name, process, parent, daemon, internal
        objects    kind, label, thread, index, site
        locations  kind, object, module, name, key, holds
        sites      file, line, column, end_line, end_column, function, text, sources, opaque, guards
        events     seq, t, thread, op, target, site, value, outcome, flags, link, stack
        gaps       kind, subject, thread
        """

    def __len__(self) -> int: ...
    @property
    def header(self) -> bytes: ...
    @property
    def trailer(self) -> bytes: ...
    @property
    def truncated(self) -> str | None: ...
    def processes(self) -> list[tuple[str, int, int | None, int, str, str]]: ...
    def threads(self) -> list[tuple[str, str, int, int, bool, bool, int, int]]: ...
    def sites(
        self,
    ) -> list[tuple[str, int, int, int, int, str, str, tuple[int, ...], bool, tuple[int, ...]]]: ...
    def object_count(self) -> int: ...
    def object(self, id: int) -> tuple[str, str | None, int, int, int]:
        """A row. Raises IndexError if there is none with this id."""

    def location_count(self) -> int: ...
    def location(self, id: int) -> tuple[int, int, str | None, str | None, Any]:
        """A row. Raises IndexError if there is none with this id."""

    def notes(self) -> list[str]: ...
    def stacks(self) -> list[list[int]]: ...
    def gaps(self) -> list[tuple[str, str, int]]:
        """What of the run is not in the events: a kind, a name, and a thread's id or 0."""

    def events(self, start: int, stop: int) -> list[_EventRow]: ...
    def filter(
        self,
        start: int,
        *,
        thread: int | None = None,
        object: int | None = None,
        location: int | None = None,
        ops: Sequence[int] | None = None,
        high: int | None = None,
    ) -> tuple[list[_EventRow], int | None]: ...
    def position(self, seq: int) -> int: ...

class Names:
    """What the objects and the locations of a trace are called. `script` is what the module of the
    script's own globals is called, which objects go without."""

    def __init__(self, data: TraceData, script: str | None = None) -> None: ...
    def object(self, id: int) -> str: ...
    def location(self, id: int) -> str: ...

class Comparison:
    """Two traces, and what their rows stand for: rows that stand for the same have the same
    number. Of threads and sites the numbers are given, for each row of each trace; `scripts` are
    the modules of the scripts' own globals."""

    def __init__(
        self,
        first: TraceData,
        second: TraceData,
        threads: tuple[Sequence[int], Sequence[int]],
        sites: tuple[Sequence[int], Sequence[int]],
        scripts: tuple[str, str],
    ) -> None: ...
    def common(self) -> int:
        """How many events from the start on are the same but for times and numbers."""

    def object(self, side: int, id: int) -> int:
        """What the object with this id in the first (0) or second (1) trace stands for; 0: none."""

    def location(self, side: int, id: int) -> int: ...

# -- record (ids count from 1, 0 means "not recorded") --

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

def shared_types(raw: Sequence[type], wrappers: Sequence[type]) -> None:
    """Tells of types: those of ctypes objects that may lie in memory that processes share, and of
    their wrappers."""

def shared_get(object: object, name: str) -> object:
    """`object.name`; an access to memory that processes share, if it is so."""

def shared_set(object: object, name: str, value: object) -> None: ...
def shared_get_item(object: object, key: object) -> object: ...
def shared_set_item(object: object, key: object, value: object) -> None: ...
def shared_item(op: int, number: int, index: int, value: object) -> None:
    """Records an access to an item of a shared object that was made by other means."""

class Line:
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

    def managed(self, function: Callable[..., Any], object: object, name: str) -> managed:
        """What calls the native function, which is the method `name` of the object, and records
        what it does as the caller's."""

class managed:
    """See `Line.managed`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

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

def joined(thread: int) -> None:
    """The calling thread has waited for the end of this one, however long that took."""

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

def show_original(code: CodeType, original: CodeType) -> None:
    """Whoever reads, pickles or compares `code`, or the code inside it, finds the original."""

def has_original(code: CodeType) -> bool:
    """Whether code is seen as another one."""

def running_constants(code: CodeType) -> tuple[Any, ...]:
    """The code's own constants, hooks among them."""

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

# -- hooks --

def add_site(
    file: str,
    line: int,
    column: int,
    end_line: int,
    end_column: int,
    function: str,
    text: str,
    opaque: bool,
    sources: list[int],
    guards: list[int],
) -> int:
    """Adds a site of rewritten code; returns its number, which is good for every recording of
    this process. `sources` and `guards` are numbers of sites added before."""

def add_flows(
    flows: list[tuple[int, int, bool, list[int], list[int], list[int]]],
    mentioned: list[int],
    counting: list[int],
    bodies: list[tuple[int, int]],
) -> None:
    """Adds what a module's flows are: role and target (a node, or the number of a site), whether it
    is opaque, the sites and nodes that it is made of, and the nodes of which only the reads
    count (`core/src/spool/flows.rs`). Nodes have numbers of the caller's choice.

    `mentioned`: functions that are not only called by their names; `counting`: sites whose value
    rests on all that is in a container; `bodies`: each act with the function that it is in."""

def make_hook(
    kind: str, site: int, name: str | None, module: str, operator: str, partner: object | None
) -> object:
    """A hook for rewritten code, of one of the kinds of `core/src/hooks`: for the site with this
    number, 0 for none; the name of the global, cell or attribute; its module; the operator ("+=")
    of an augmented assignment, and the hook of the write that belongs to its read."""

def add_module(name: str, label: str, data: list[str]) -> None:
    """Tells the hooks about a rewritten module: its `__name__`, what its globals are called in
    the trace, and which of them hold data."""

def compile_warning(
    source: str | bytes | ast.AST, filename: str, mode: str, flags: int, action: str
) -> Any:
    """What the builtin `compile` gives, with an action of the `warnings` module ("error", "ignore")
    for each warning; other threads, and what was shown already, are not concerned."""

def set_text_compiler(
    function: Callable[[str, dict[str, object], str, bool, int], CodeType | None],
) -> None:
    """What makes code of a text that is given to `exec` or `eval`; None: it is left to these."""

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

# -- messages --

class MessageHook:
    """`hook[arguments]`: a native hook of that name in the code of multiprocessing's pipes,
    queues, pools or managers. `make` is called for what is rare: it gives what is known of an owner
    where that is not ready, for it was unpickled, or recorded before. To `take` and `give` it is
    the method of the queue, to `finished` the type in which pools wrap an error."""

    def __init__(self, name: str, make: Callable[..., object]) -> None: ...
    def __getitem__(self, arguments: tuple[object, ...]) -> object: ...

class Notes:
    """What is to ride behind each item that waits for a queue's feeder thread. `lock` is the
    `_multiprocessing.SemLock` that counts how many items more the queue may have."""

    def __init__(self, lock: object) -> None: ...

def give_note(seq: int, key: str) -> None:
    """What is to ride in the next message that the calling thread sends: the event that sends it,
    and the key of the object that it is about."""

def take_note() -> tuple[int, str, int] | None:
    """Takes it back: the event, the key, and the step with which a ThreadPool's task was given to
    its workers (else 0)."""

def take_begun() -> int:
    """The number of the task that was in it, whose RUN has been recorded; once."""

def parent_was(pid: int) -> None:
    """In a replay, the recorded pid of the parent of the run's first process; 0: not known."""

def known_ident(ident: int) -> int:
    """What the program knows the thread of this process by which has the ident."""

def known_pid(pid: int) -> int:
    """What the program knows the process by: in a replay by the pid that the recording had."""

def answers_task() -> None:
    """The calling thread, a pool's worker, is about to send what came out of its task."""

# -- spool --

def write_trace(spool: str | PathLike[str], out: str | PathLike[str]) -> dict[str, int]:
    """Write the trace of the run whose spool directory this is, replacing what is at `out`.

    Returns how much was written: events, threads, processes, bytes, and dropped, the number of
    records that made no sense. Raises TraceFileError if the spool cannot be read or the trace
    cannot be written; then the spool is kept and `out` is as it was.
    """

# -- analysis --

class RawFinding(TypedDict):
    """A finding as numbers: ids of rows, sequence numbers. `events` are in the order of the log,
    `witness` in the order that shows a predicted finding; it is empty for an observed one. `places`
    are the locations that show the same at the same sites, `location` one of them."""

    rule: str
    status: str
    location: int
    object: int
    events: list[int]
    locks: list[list[int]]
    sites: list[int]
    threads: list[int]
    witness: list[int]
    count: int
    total: int | None
    places: list[int]
    not_needed: list[int]

def find_raw(
    data: TraceData, stuck: bool = False, stop: int = 0, over: int = 0, lost: list[int] = ...
) -> list[RawFinding]: ...
def unfinished_rows(data: TraceData) -> list[tuple[int, int, int, str]]: ...

class Precedence:
    """The order of a trace's events, read once. It keeps at most `most` components of clocks
    (default: 256 MiB of them); a question about an event after those reads the log again."""

    def __init__(self, data: TraceData, most: int = ...) -> None: ...
    def before(self, a: int, b: int) -> bool:
        """Whether event `a` happened before `b`. False for a number that no event has."""

def sync_edges(data: TraceData, first: int, last: int) -> list[tuple[int, int, str]]: ...

# -- run --

def is_ready(descriptor: int, write: bool) -> bool:
    """Whether a file descriptor can be read, or written to, without waiting."""

def look_like(command: bytes, name: bytes) -> None: ...
def die_with_parent(parent: int) -> None:
    """Have this process killed (SIGKILL) when its parent, whose pid is `parent`, ends."""

def become_subreaper() -> None:
    """Make this process the parent of those below it whose parents end."""

def run_to_end(
    program: CodeType | BaseException | tuple[bytes, str] | Callable[..., object],
    /,
    *arguments: object,
    flush: bool,
    mask: Sequence[int] | None,
) -> None:
    """Run the program and end the process as the interpreter does.

    `program` is the code of `__main__`, or a function, or the exception that it ends with at once;
    or the source of a file and its name, to be run as the interpreter does it.
    No Python frame that is running now is seen in it. `flush` flushes the standard streams before
    an exception is reported; `mask` are the signals to be blocked in the program, and no other;
    None for those that are. Returns only if the interpreter is to go on interactively.
    """

class unseen:
    """`unseen(hook)[arguments]` calls `hook(*arguments)`, unseen by the program's trace and
    profile functions. Some calls may be `passed` over, which give the last argument back:
    "of internal", for an internal primitive, the first argument; "made by internal", in a
    constructor that internal code calls, whose first argument becomes internal; "by internal", in
    code that internal code calls, unless under control; "by own module", in code that its own
    module calls."""

    def __init__(self, hook: Callable[..., object], passed: str = "") -> None: ...
    def __getitem__(self, arguments: tuple[object, ...]) -> object: ...

def in_other_interpreter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A builtin function of this name that calls the function, which runs code in another
    interpreter: meanwhile the calling thread is neither recorded nor under control."""

def unseen_function(
    name: str, function: Callable[..., Any], traced: bool = False
) -> Callable[..., Any]:
    """A builtin function of this name that calls the function. No trace or profile function sees
    what it does, unless it is `traced`, and the traceback of what it raises does not start with its
    frames, or those of the standard library below them."""

def uninterrupted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A builtin function that calls the function, for where exceptions are swallowed: what a signal
    handler raises in it is raised later. It is called again then, to do all that it does."""

def unseen_method(name: str, function: Callable[..., Any]) -> Any:
    """The same for a class: a method that calls the function with the instance."""

def call_at_bottom(
    function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, Any]
) -> object:
    """Call the function as if no Python code were running below it."""

def recorded_write(stream: object, error: bool) -> Callable[..., int]:
    """The stream's `write` that records OUTPUT. If it is stderr (`error`), pieces are gathered up
    to a line's end."""

def recorded_flush(stream: object, error: bool) -> Callable[..., None]:
    """The `flush` of a stream, or of its buffer, that is an event where its time matters."""

def recorded_write_of_bytes(buffer: object, error: bool) -> Callable[..., int]:
    """The `write` of a stream's buffer that records OUTPUT, but for what the stream writes."""

def recorded_print(builtins: ModuleType) -> Callable[..., None]:
    """The builtin `print`, recording each call as one OUTPUT event."""

# -- channels --

def record_inputs_of(module: ModuleType) -> None:
    """Record what the functions of this module tell the program, if they are known."""

def environment_read(variables: dict[bytes, bytes], name: object, /) -> None:
    """The program asks `os.environ`, which keeps them there, for a variable: its value may be an
    input (`core/src/inputs/environment.rs`)."""

def environment_written(name: object, /) -> None:
    """The program gives a variable a value."""

def environment_deleted(variables: dict[bytes, bytes], name: object, /) -> None:
    """The program deletes a variable, which may be to ask for it, too."""

def made_sockets(one: int, other: int) -> None:
    """The caller's caller has made a pair of sockets with these descriptors: what passes through
    them is recorded if that is the program's code."""

# -- traffic --

def record_sockets() -> None:
    """Record, as steps, what sockets do, when `_socket` has been imported."""

def making_socket() -> None:
    """The calling thread is about to make a socket."""

def made_socket(socket: object) -> None:
    """The calling thread has made the `_socket.socket`: its number is a step."""

def record_polls() -> None:
    """Record, as steps, what the module `select` finds ready, when it has been imported."""

# -- schedule --

STRATEGIES: list[str]
"""The names of the strategies that a run can be started with; `replay` has to have a trace."""

def control(
    spool: str | PathLike[str], strategy: str, seed: int, depth: int, length: int, follow: bool
) -> None:
    """Put this process, the first of its run, under control. Raises ValueError for an unknown
    strategy, OSError if the spool cannot be written."""

def follow_trace(path: str | PathLike[str], follow: bool) -> None:
    """Loads the trace that the strategy "replay" follows; before `control`. With `follow` the run
    goes on where it does something else."""

def join_control(spool: str | PathLike[str], slot: int) -> None:
    """Put this process, for which its parent has made the slot, under control: returns when it is
    its turn. Raises OSError if the spool cannot be written."""

def bear_process(path: str) -> int | None:
    """The calling thread is about to make a process of that path: the slot that it is to have, if
    it is to be under control."""

def forking_process() -> None:
    """The calling thread is about to fork the process that it is making."""

def process_made(pid: int | None) -> None:
    """The process has been made, with that pid (0: not known), or (None) has not."""

def prepare_control() -> None:
    """Replace what control needs replaced, in a process that comes under control later. To be
    called before anything is recorded."""

def controlled() -> bool: ...
def stop_at(index: int, debugger: Callable[[], object]) -> None:
    """Call the debugger, in the thread that is about to make it, before the event at the index of
    the trace that is followed. After `control`."""

def aside(function: Callable[[], object]) -> object:
    """Call the function while the calling thread is neither under control nor recorded, and all
    others wait."""

def replay_position() -> int:
    """The index of the event that a replayed run makes next."""

def end_replay() -> NoReturn:
    """End all processes of a replayed run."""

def thread_path(thread_id: int) -> str:
    """The logical path of a thread of this process; empty if there is none."""

def replaying() -> bool:
    """Whether this process follows a trace to the letter."""

def expected_outcome(op: int) -> int | None:
    """The outcome that a replayed run's next event has if it is this one, of the calling thread."""

def expected_value(op: int, given: Any) -> Any:
    """The value that a replayed run's next event has if it is this one, of the calling thread; else
    the given one."""

def expected_link() -> int:
    """The number of the event to which a replayed run's next event, of the calling thread, has a
    link; 0 if there is none."""

def to_come(op: int, object: int) -> bool:
    """Whether the calling thread's next event in a replayed run, be it its turn or not, is this one
    on the object."""

def count_to_come(op: int, object: int) -> int:
    """The value, a number, of the calling thread's next event in a replayed run, be it its turn or
    not, if it is this one on the object; else 0."""

def name_to_come(op: int) -> str | None:
    """The name of the object of the calling thread's next event in a replayed run, if it is this
    one."""

def expected(op: int) -> bool:
    """Whether a replayed run has this event of the calling thread next."""

def gate(op: int, target: int) -> None:
    """A scheduling point: the calling thread is about to do the operation on the object."""

def await_end(thread_id: int, timeout: float | None = None) -> bool:
    """Wait for the end of a thread under control; False if it has not ended in time."""

def block(object: object, deadline: int | None = None, op: int = 0) -> bool:
    """Wait until `wake` is called for the object, or virtual time (ns) has come to the deadline:
    then False. `op` is what the thread does then, if that is an event."""

def wake(object: object) -> None:
    """Let those go on who wait for the object."""

def deadline_in(timeout: float) -> int:
    """The virtual time (ns) in so many seconds."""

def control_summary(spool: str | PathLike[str]) -> dict[str, int]:
    """What the run was like: `steps`, `uncontrolled` (how often a thread was set
    aside), `started` and `duration` in virtual ns, and `deadlock`, 0 or 1."""

def leave_control(spool: str | PathLike[str]) -> None:
    """By the supervisor: the processes that are left running go on without control."""

def fix_addresses() -> bool:
    """Give the processes started from now on the same addresses in every run; False if the
    system does not allow it."""
