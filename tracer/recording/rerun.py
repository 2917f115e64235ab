"""Many runs of one program, each in a fork of an interpreter that has everything loaded.

Who asks for the runs is at the other end of a socket. A request is a line with the spool, the text
of a `Control`, the file that the output goes to, the file that stdin comes from, the expression
that is checked at the end, and whether the interpreter is to end in full, all as one Python tuple.
The answers are two lines: the pid of the run's first process; then, when that and all processes
that it left have ended, its wait status.
"""

from __future__ import annotations

import ast
import atexit
import gc
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from types import CodeType

from .. import _core, primitives
from ..runs import hashing
from ..runs.internal import set_internal
from ..runs.launch import Launch

CHECKED = "checked"
"""The file in the spool that says what the expression came to: `True`, `False` or an error."""

_NOT_LOADED = frozenset(
    {
        "__main__",
        "antigravity",
        "idlelib",
        "lib2to3",
        "multiprocessing",  # which draws a key
        "test",
        "this",
        "turtle",
    }
)


def load(mode: str, target: str, hash_seed: hashing.Seed | None) -> None:
    """Load what the runs of the program need: what its source imports of the standard library,
    and that source, rewritten. What is drawn at an import goes with the hash seed."""
    set_internal()
    _core.record.install()
    source = _source(mode, target)
    for name in sorted(set(_imported(source))):
        # A module that this system lacks is the program's to stumble over.
        with suppress(Exception):
            import_module(name)
    if "random" in sys.modules and hash_seed is not None:
        sys.modules["random"].seed(int(hash_seed[0]))
    primitives.patches(True)
    for name in primitives.LAZY.keys() & sys.modules.keys():
        primitives.patches_of(name, controlled=True)  # as `Session` asks
    from ..instrument import importhook, owncode, texts  # noqa: F401

    if mode == "script":
        importhook.prepare_main(source, os.path.abspath(target))
    owncode.OwnCode([])
    gc.collect()
    gc.freeze()


def _source(mode: str, target: str) -> bytes:
    if mode == "command":
        return target.encode()
    with suppress(OSError), open(target, "rb") as file:
        return file.read()
    return b""


def _imported(source: bytes) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names and top not in _NOT_LOADED:
                yield name


def serve(launch: Launch) -> Launch:
    """Fork a process for each run that is asked for; returns in those, with how it is launched.

    The process itself ends with who asks.
    """
    _core.os.become_subreaper()
    with socket.socket(fileno=launch.requests) as asked, asked.makefile("rw") as lines:
        for line in lines:
            spool, control, output, stdin, check, whole = ast.literal_eval(line)
            pid = os.fork()
            if pid == 0:
                break
            lines.write(f"{pid}\n{_wait(pid)}\n")
            lines.flush()
        else:
            os._exit(0)
    _core.os.die_with_parent(os.getppid())
    _stand_in(stdin, os.O_RDONLY, [0])
    _stand_in(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, [1, 2])
    if not whole:
        atexit.register(_core.interpreter.end_here)
    if check:
        atexit.register(_check, compile(check, "<check>", "eval"), f"{spool}/{CHECKED}")
    return launch._replace(spool=spool, control=control)


def _wait(first: int) -> int:
    """Wait for all processes of the run; the wait status of the first."""
    status = 0
    while True:
        try:
            pid, ended = os.wait()
        except ChildProcessError:
            return status
        if pid == first:
            status = ended


def _stand_in(file: str, flags: int, descriptors: list[int]) -> None:
    opened = os.open(file, flags, 0o600)
    for descriptor in descriptors:
        os.dup2(opened, descriptor)
    os.close(opened)


def _check(expression: CodeType, file: str) -> None:
    try:
        said = repr(bool(eval(expression, sys.modules["__main__"].__dict__)))
    except BaseException as error:
        said = f"{type(error).__name__}: {error}"
    with suppress(OSError), open(file, "w", encoding="utf-8") as written:
        written.write(said)
