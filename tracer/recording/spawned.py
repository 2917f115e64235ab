"""Where the recording of a spawned process begins: `enter` is called while the process unpickles
what its parent has prepared for it, before the program's main module is imported."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..errors import RecordingError
from ..primitives import children
from ..runs import hashing
from ..runs.control import Control
from . import patching
from .session import Session, say_unrecorded

# The code of a spawned interpreter's command line, which is multiprocessing's.
_COMMAND_LINE = "<string>"


def enter(
    *,
    spool: str,
    memory: bool,
    roots: Sequence[str],
    include: Sequence[str],
    follow: bool,
    path: str,
    key: str,
    name: str,
    daemon: bool,
    method: str,
    main_path: str | None,
    control: str,
    slot: int | None,
    hash_seed: hashing.Seed | None,
) -> None:
    """Record this process, which another of the run has made by `method`."""
    try:
        session = Session(
            spool,
            memory=memory,
            roots=roots,
            include=include,
            follow=follow,
            hidden=[_COMMAND_LINE],
            birth=children.Child(path, 0, key, name, daemon, slot),
            method=method,
            control=Control.parse(control) if slot is not None else None,
            hash_seed=hash_seed,
        )
    except RecordingError as error:
        # The run's recording has ended before this process began.
        if os.path.isdir(spool):
            say_unrecorded(error)
        return
    hashing.show(hash_seed)
    if memory and main_path is not None:
        _rewrite_main(session, main_path)


def _rewrite_main(session: Session, main_path: str) -> None:
    """Have the main module, which `runpy` is going to run under another name, rewritten."""
    import runpy
    from types import CodeType
    from typing import Any

    original = runpy._get_code_from_file  # type: ignore[attr-defined]
    # It may be given the module's name before the file's, and gives that back then.
    with_name = original.__code__.co_varnames[0] != "fname"

    def get_code(*arguments: Any) -> Any:
        filename = arguments[1 if with_name else 0]
        if filename != main_path or filename.endswith(".pyc"):
            return original(*arguments)
        restore()
        with open(filename, "rb") as file:
            code: CodeType = session.compile(file.read(), filename, "__mp_main__")
        return (code, filename) if with_name else code

    restore = patching.apply([(runpy, "_get_code_from_file", get_code)])
