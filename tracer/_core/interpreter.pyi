"""What the program does not see of us."""

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

def show_original(code: CodeType, original: CodeType) -> None:
    """Whoever reads, pickles or compares `code`, or the code inside it, finds the original."""

def has_original(code: CodeType) -> bool:
    """Whether code is seen as another one."""

def running_constants(code: CodeType) -> tuple[Any, ...]:
    """The code's own constants, hooks among them."""

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

def end_here() -> None:
    """End the process, if it is known with which status, and spare the interpreter the taking apart
    of all that there is. To be the last function that `atexit` calls in a process that
    `run_to_end` ends."""

def unmarshalled(data: bytes) -> Any:
    """As `marshal.loads`, with the garbage collector off meanwhile."""

class untraced:
    """`untraced(hook)[arguments]` calls `hook(*arguments)`, unseen by the program's trace and
    profile functions. Some calls may be `passed` over, which give the last argument back:
    "of internal", for an internal primitive, the first argument; "made by internal", in a
    constructor that internal code calls, whose first argument becomes internal; "by internal", in
    code that internal code calls, unless under control; "by own module", in code that its own
    module calls; "negative", where the last argument is false; "made alone", in a constructor that
    a thread which is alone has called often at the line; "alone", of such a thread, for a primitive
    of which nothing is known."""

    def __init__(self, hook: Callable[..., object], passed: str = "") -> None: ...
    def __getitem__(self, arguments: tuple[object, ...]) -> object: ...

def untraced_function(
    name: str, function: Callable[..., Any], traced: bool = False
) -> Callable[..., Any]:
    """A builtin function of this name that calls the function. No trace or profile function sees
    what it does, unless it is `traced`, and the traceback of what it raises does not start with its
    frames, or those of the standard library below them."""

def uninterrupted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A builtin function that calls the function, for where exceptions are swallowed: what a signal
    handler raises in it is raised later. It is called again then, to do all that it does."""

def untraced_method(name: str, function: Callable[..., Any]) -> Any:
    """The same for a class: a method that calls the function with the instance."""

def call_at_bottom(
    function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, Any]
) -> object:
    """Call the function as if no Python code were running below it."""
