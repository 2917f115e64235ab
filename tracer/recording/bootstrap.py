"""What the child interpreter of `trace run` runs: starts the recording, then the program.

The program must find what it would find under plain python: its own `__main__`, arguments,
`sys.path`, tracebacks and way of ending. So the interpreter is started with `-c STUB`, and the
program runs in the interpreter's own `__main__` module; whatever ends the program is raised on, so
that the interpreter itself ends the process, and the frames below the program's are cut off what
`sys.excepthook` is shown.
"""

from __future__ import annotations

import gc
import os
import sys
from ast import literal_eval
from types import CodeType, ModuleType

from .. import _core
from ..errors import RecordingError
from ..folders import working_directory
from ..primitives import children
from ..runs import hashing
from ..runs.control import Control
from ..runs.internal import set_internal
from ..runs.launch import Launch
from .session import Session, say_unrecorded

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


def main(loaded: frozenset[str], collects: bool) -> None:
    """Record the program that the arguments describe. `loaded` are the modules that the
    interpreter itself has imported; `collects` says that garbage is collected in the program.

    `sys.argv` is: -c, the `Launch`, and the program's own arguments.
    """
    _, launched, *arguments = sys.argv
    launch = Launch(*literal_eval(launched))
    sys.path.pop()
    hashing.show(launch.hash_seed)
    if launch.supervisor:
        _core.os.die_with_parent(launch.supervisor)
    sys.orig_argv[:] = [*sys.orig_argv[: launch.own], *arguments]
    mode, launcher = launch.mode, arguments[: launch.launcher]
    # The operand of -m or -c may be in the same argument.
    target = launcher[-1] if mode == "script" else "".join(launcher).partition(mode[0])[2]
    del arguments[: launch.launcher]
    sys.argv[:] = [target if mode == "script" else f"-{mode[0]}", *arguments]

    _make_main()
    _show_lines_of(target if mode == "command" else None)
    folder = _first_path(mode, target)
    root = working_directory() if mode != "script" else folder or ""
    if launch.preload:
        from . import rerun

        rerun.load(mode, target, launch.hash_seed)
        if launch.requests is not None:
            launch = rerun.serve(launch)
    session = _session(launch, root)
    if folder is not None and (not sys.flags.safe_path or _is_container(mode, target)):
        sys.path.insert(0, folder)
        _forget_shadowed(folder, loaded)
    if session is not None and not launch.path:
        session.tell_missing()
    if mode == "module" or _is_container(mode, target):
        import runpy

        # The function that the interpreter itself calls: same semantics, same traceback.
        run = runpy._run_module_as_main  # type: ignore[attr-defined]
        name = target if mode == "module" else "__main__"
        if collects:
            gc.enable()
        _core.interpreter.run_to_end(run, name, mode == "module", flush=False, mask=launch.mask)
    else:
        program = _program(mode, target, session)
        if collects:
            gc.enable()
        _core.interpreter.run_to_end(program, flush=mode == "script", mask=launch.mask)


def _session(launch: Launch, root: str) -> Session | None:
    """The recording; None if that of the run has ended before this process began."""
    control = Control.parse(launch.control) if launch.control else None
    birth = children.Child(launch.path, 0, launch.key, launch.name, False, launch.slot)
    try:
        session = Session(
            launch.spool,
            memory=launch.memory,
            roots=[root] if root else [],
            include=launch.include,
            hidden=["<string>"],
            birth=birth if launch.path else None,
            method=launch.method,
            control=control,
            lone_reads=control is not None and control.lone_reads,
            follow=launch.follow,
            hash_seed=launch.hash_seed,
        )
    except RecordingError as error:
        if not launch.path:
            # The supervisor finds no recording, and says so too.
            os.write(2, f"trace: {error}\n".encode())
            os._exit(error.exit_code)
        if os.path.isdir(launch.spool):
            say_unrecorded(error)
        return None
    set_internal()
    return session


def _show_lines_of(command: str | None) -> None:
    """Let tracebacks show the lines of the program's -c, where there is one, instead of our own, if
    this interpreter is one that keeps them."""
    linecache = sys.modules.get("linecache")
    if linecache is None:
        return
    # Not all versions have them in one place.
    ours = [
        (kept, key)
        for kept in (linecache.cache, getattr(linecache, "_interactive_cache", {}))
        for key in kept
        if key == "<string>" or key[:1] == ("<string>",)
    ]
    for kept, key in ours:
        del kept[key]
    if ours and command is not None:
        lines = [f"{line}\n" for line in command.splitlines()]
        linecache.cache["<string>"] = (len(command), None, lines, "<string>")


def _make_main() -> None:
    """Put a fresh `__main__` in the place of the stub's. The stub's frame, which stays to the end,
    would keep the dictionary of that alive, and the program's globals in it."""
    old = sys.modules["__main__"].__dict__
    new = ModuleType("__main__")
    new.__dict__.clear()
    new.__dict__.update({name: old[name] for name in _MAIN_ATTRIBUTES if name in old})
    sys.modules["__main__"] = new


def _forget_shadowed(folder: str, loaded: frozenset[str]) -> None:
    """Modules of the standard library that we have imported, and that the program would find in
    its own folder: it is to import its own."""
    from importlib.machinery import FrozenImporter, PathFinder

    ours = {name.partition(".")[0] for name in sys.modules.keys() - loaded}
    for name in ours & sys.stdlib_module_names - set(sys.builtin_module_names):
        spec = PathFinder.find_spec(name, [folder or working_directory()])
        if spec is not None and spec.origin is not None and not FrozenImporter.find_spec(name):
            for module in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
                del sys.modules[module]


def _is_container(mode: str, target: str) -> bool:
    """Whether the target is a folder or zip file with a `__main__` in it."""
    return mode == "script" and not target.endswith((".py", ".pyc")) and _importer(target)


def _importer(target: str) -> bool:
    from pkgutil import get_importer

    return get_importer(target) is not None


def _first_path(mode: str, target: str) -> str | None:
    """What the interpreter puts at the head of `sys.path`; None: nothing."""
    if mode == "command" or target == "-":
        return ""
    if mode == "module":
        return working_directory() or None
    if _is_container(mode, target):
        return _absolute(target)
    return os.path.dirname(os.path.realpath(target))


def _absolute(target: str) -> str:
    """The path as the interpreter makes it absolute."""
    return target if os.path.isabs(target) else f"{os.getcwd()}/{target.removeprefix('./')}"


def _program(
    mode: str, target: str, session: Session | None
) -> CodeType | BaseException | tuple[bytes, str]:
    """The code of the program; if there is something wrong with that, the exception, or of a file
    what is in it and its name, for the interpreter to say."""
    if mode == "command":
        source, filename = (target + "\n").encode(), "<string>"
    elif target == "-":
        source, filename = sys.stdin.buffer.read(), "<stdin>"
    else:
        filename = _absolute(target)
        _describe_script(filename)
        if filename.endswith(".pyc"):
            from importlib.machinery import SourcelessFileLoader

            code = SourcelessFileLoader("__main__", filename).get_code("__main__")
            assert code is not None
            return code
        with open(target, "rb") as file:
            source = file.read()
    try:
        if session is None:
            return compile(source, filename, "exec", dont_inherit=True)
        return session.compile(source, filename)
    except (SyntaxError, ValueError) as error:
        return error.with_traceback(None) if mode == "command" else (source, filename)


def _describe_script(filename: str) -> None:
    from importlib.machinery import SourceFileLoader, SourcelessFileLoader

    loader = SourcelessFileLoader if filename.endswith(".pyc") else SourceFileLoader
    namespace = sys.modules["__main__"].__dict__
    namespace["__loader__"] = loader("__main__", filename)
    namespace["__file__"] = filename
    namespace["__cached__"] = None
