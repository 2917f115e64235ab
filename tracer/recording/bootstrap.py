"""What the child interpreter of `trace run` runs: starts the recording, then the program.

The program must find what it would find under plain python: its own `__main__`, arguments,
`sys.path`, tracebacks and way of ending. So the interpreter is started with `-c STUB`, and the
program runs in the interpreter's own `__main__` module; whatever ends the program is raised on, so
that the interpreter itself ends the process, and the frames below the program's are cut off what
`sys.excepthook` is shown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from tracer import _core
from tracer.ops import Op, Outcome
from tracer.recording.session import Session, no_site_in
from tracer.scheduling import Control

# The attributes of __main__ that every way of running a program gives it, in CPython's order.
_MAIN_ATTRIBUTES = (
    "__name__",
    "__doc__",
    "__package__",
    "__loader__",
    "__spec__",
    "__annotations__",
    "__builtins__",
)


_substitute: Callable[..., object] | None = None


def main() -> None:
    """Record the program that the arguments describe.

    `sys.argv` is: -c, the supervisor's pid, the spool, "1" or "0" for memory, the included
    packages with commas between, how the run is controlled ("" for not), the mode ("script",
    "module" or "command"), the number of our own items in `sys.orig_argv`, the target, and then
    the program's arguments.
    """
    _, supervisor, spool, memory, include, control, mode, own, target, *arguments = sys.argv
    sys.path.pop()
    _core.die_with_parent(int(supervisor))
    launcher = {"script": [target], "module": ["-m", target], "command": ["-c", target]}[mode]
    sys.orig_argv[:] = [*sys.orig_argv[: int(own)], *launcher, *arguments]
    sys.argv[:] = [target if mode == "script" else f"-{mode[0]}", *arguments]

    namespace = sys.modules["__main__"].__dict__
    kept = {name: namespace[name] for name in _MAIN_ATTRIBUTES if name in namespace}
    namespace.clear()
    namespace.update(kept)

    folder = _first_path(mode, target)
    root = os.getcwd() if mode != "script" else folder
    if not sys.flags.safe_path or _is_container(mode, target):
        sys.path.insert(0, folder)
    session = Session(
        spool,
        memory=memory == "1",
        roots=[root],
        include=include.split(",") if include else [],
        hidden=["<string>"],
        control=Control.parse(control) if control else None,
    )
    try:
        _run(mode, target, namespace, session)
    except BaseException as error:
        _ended(type(error).__name__)
        if not isinstance(error, SystemExit):
            _hide_frames(error)
        raise
    _ended(None)


def _ended(exception: str | None) -> None:
    """The main thread has left the program. What it does later (waiting for the other threads,
    atexit functions) is still recorded."""
    thread = _core.thread_object(_core.current_thread())
    with no_site_in("<string>"):
        if exception is None or exception == "SystemExit":
            _core.emit(Op.END, thread)
        else:
            _core.emit(Op.END, thread, Outcome.RAISED, exception)


def _is_container(mode: str, target: str) -> bool:
    """Whether the target is a folder or zip file with a `__main__` in it."""
    return mode == "script" and not target.endswith((".py", ".pyc")) and _importer(target)


def _importer(target: str) -> bool:
    from pkgutil import get_importer

    return get_importer(target) is not None


def _first_path(mode: str, target: str) -> str:
    """What the interpreter puts at the head of `sys.path`."""
    if mode == "command" or target == "-":
        return ""
    if mode == "module":
        return os.getcwd()
    if _is_container(mode, target):
        return target
    return os.path.dirname(os.path.realpath(target))


def _run(mode: str, target: str, namespace: dict[str, object], session: Session) -> None:
    if mode == "module" or _is_container(mode, target):
        import runpy

        # The function that the interpreter itself calls: same semantics, same traceback.
        runpy._run_module_as_main(  # type: ignore[attr-defined]
            target if mode == "module" else "__main__", mode == "module"
        )
        return
    if mode == "command":
        source, filename = (target + "\n").encode(), "<string>"
    elif target == "-":
        source, filename = sys.stdin.buffer.read(), "<stdin>"
    else:
        filename = target if os.path.isabs(target) else f"{os.getcwd()}/{target.removeprefix('./')}"
        _describe_script(namespace, filename)
        if filename.endswith(".pyc"):
            from importlib.machinery import SourcelessFileLoader

            code = SourcelessFileLoader("__main__", filename).get_code("__main__")
            assert code is not None
            exec(code, namespace)
            return
        with open(target, "rb") as file:
            source = file.read()
    try:
        code = session.compile(source, filename)
    except (SyntaxError, ValueError) as error:
        raise error.with_traceback(None) from None
    exec(code, namespace)


def _describe_script(namespace: dict[str, object], filename: str) -> None:
    from importlib.machinery import SourceFileLoader, SourcelessFileLoader

    loader = SourcelessFileLoader if filename.endswith(".pyc") else SourceFileLoader
    namespace["__loader__"] = loader("__main__", filename)
    namespace["__file__"] = filename
    namespace["__cached__"] = None


def _hide_frames(error: BaseException) -> None:
    """Let `sys.excepthook` see the exception that ends the program as it left the program.

    The interpreter calls the hook when the exception has passed the last frame, the stub's; the
    substitute takes itself away before it calls the program's.
    """
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == __file__:
        traceback = traceback.tb_next
    # The interpreter holds no reference to the hook while it runs: this one keeps it alive.
    global _substitute
    _substitute = sys.excepthook = _core.excepthook_showing(traceback, sys.excepthook)
