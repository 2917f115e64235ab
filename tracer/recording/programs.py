"""The programs that a recorded one starts (`subprocess`, `os.posix_spawn`) or becomes (`os.execv`):
those that this interpreter runs are recorded too, with `trace run --follow-subprocess`. Without,
the trace says which of them ran the program's own code.

Nothing but their arguments is changed, and the program that runs does not find them changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from types import FrameType

from .. import _core
from ..instrument.owncode import OwnCode, is_third_party
from ..ops import GapKind
from ..primitives import children
from ..runs import interpreter
from ..runs.launch import Launch


def recorded(
    launch: Launch, path: object, arguments: Sequence[object], is_exec: bool, searched: bool
) -> tuple[list[str], int] | None:
    """The arguments with which a program is recorded, and the object of its process; None if it
    is to be left alone.

    `launch` says how it is recorded, `path` where it is, or the paths that are tried, one after
    the other; it is `searched` for on PATH if it is but a name. `is_exec` says that it takes this
    process.
    """
    if not _is_interpreter(path, searched):
        return None
    try:
        name, *words = [os.fsdecode(word) for word in arguments]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None  # it will be told so
    line = interpreter.parse(words)
    if not line.mode:
        return None
    label = {"script": os.path.basename(line.target), "module": line.target, "command": "-c"}
    child = children.begin(label[line.mode], "Process")
    children.launched()
    launch = launch._replace(
        mode=line.mode,
        launcher=line.launcher,
        own=1 + line.own,
        path=child.path,
        key=child.key,
        name=child.name,
        method="exec" if is_exec else "subprocess",
        control="" if child.slot is None else launch.control,
        slot=child.slot,
    )
    return [name, *launch.arguments(line.flags, words[line.own :])], child.number


def tell(
    roots: Sequence[str], path: object, arguments: Sequence[object], is_exec: bool, searched: bool
) -> None:
    """Say in the trace that the program is started and not recorded, if it is this interpreter that
    runs it, and the program's own code, below `roots`, that it runs. The other arguments are those
    of `recorded`."""
    if not _is_interpreter(path, searched):
        return
    try:
        words = [os.fsdecode(word) for word in arguments[1:]]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    line = interpreter.parse(words)
    own = OwnCode(roots)
    file = _code(line, own)
    if file is not None and own.has(file):
        _core.record.gap(
            GapKind.PROGRAM,
            line.target if line.mode != "command" else "-c",
            _core.record.current_thread(),
        )


def _code(line: interpreter.CommandLine, own: OwnCode) -> str | None:
    """The file whose code the command line runs, or to which it belongs; None if it runs none."""
    if line.mode == "script":
        return os.path.realpath(line.target)
    if line.mode == "module":
        top = line.target.partition(".")[0]
        spec = PathFinder.find_spec(top)
        if spec is None:
            return None
        places = [spec.origin or "", *(spec.submodule_search_locations or ())]
        return os.path.realpath(next(filter(None, places), top))
    if line.mode == "command":
        # It is a part of what starts it.
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            file = os.path.realpath(frame.f_code.co_filename)
            if own.has(file) or is_third_party(file):
                return file
            frame = frame.f_back
    return None


def _is_interpreter(path: object, searched: bool) -> bool:
    """Whether this Python is what will run, under whatever name."""
    tried = path if isinstance(path, tuple | list) else (path,)
    try:
        files = [os.fsdecode(file) for file in tried]
    except TypeError:
        return False
    if searched and "/" not in files[0]:
        files = [os.path.join(folder, files[0]) for folder in os.get_exec_path()]
    file = next((file for file in files if os.access(file, os.X_OK)), None)
    return file is not None and os.path.realpath(file) == os.path.realpath(sys.executable)
