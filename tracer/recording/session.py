"""Recording in this process: what is switched on at its start and off at its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import CodeType, FrameType
from typing import Any

from .. import _core, primitives
from ..errors import RecordingError
from ..primitives import children
from ..runs import hashing
from ..runs.control import Control
from ..runs.internal import set_internal
from ..runs.launch import MAIN_PROCESS, Launch
from ..runs.part import to_be_controlled
from . import lazy, output, patching
from .control import begin, name_main_thread
from .preparation import Entry


def _patches_of_runpy(_: str) -> Iterable[patching.Patch]:
    from ..instrument import runfiles

    return runfiles.PATCHES


class Session:
    """The recording of this process, from its creation to `stop`.

    `roots` are folders and `include` packages whose modules are rewritten when they are imported
    from now on. Code of the file names `hidden` is not the site at which the recording begins.
    `birth` is what the parent knows of this process, which `method` made; None for the run's first.
    `control` puts the process under control, as the run's first or in the slot of its birth.
    `follow` says that programs which it starts are recorded too, if this Python runs them.
    `begun_in` is the frame of the program that begins it, where that runs already: then what has
    been imported is rewritten, too. `hash_seed` is what its processes are to show; `lone_reads` is
    as in `Control`. Raises RecordingError if the spool cannot be written or the process is being
    recorded already.
    """

    def __init__(
        self,
        spool: str,
        *,
        memory: bool = True,
        roots: Sequence[str] = (),
        include: Sequence[str] = (),
        hidden: Sequence[str] = (),
        birth: children.Child | None = None,
        method: str = "",
        control: Control | None = None,
        follow: bool = False,
        begun_in: FrameType | None = None,
        hash_seed: hashing.Seed | None = None,
        lone_reads: bool = False,
    ) -> None:
        if _core.record.recording():
            raise RecordingError("this process is being recorded already")
        self.control = control
        self._undo: list[Callable[[], None]] = []
        self.spool = spool
        self.memory = memory
        self.roots = list(roots)
        self.include = list(include)
        self.follow = follow
        self.hash_seed = hash_seed
        self._began_late = memory and begun_in is not None
        set_internal(*hidden)
        try:
            if control is not None:
                begin(control, spool, None if birth is None else birth.slot)
                if begun_in is None:
                    name_main_thread()
            controlled = to_be_controlled()
            patches = primitives.patches(controlled)
            if birth is None:
                _core.record.start(spool, MAIN_PROCESS, "main", memory, lone_reads=lone_reads)
            else:
                _core.record.start(
                    spool,
                    _claim_index(spool, MAIN_PROCESS + 1),
                    birth.path,
                    memory,
                    method,
                    birth.name,
                    birth.daemon,
                    birth.key,
                )
        except OSError as error:
            raise RecordingError(f"cannot record into {spool}: {error}") from error
        self._undo.append(patching.apply(patches))
        self._undo.append(
            lazy.apply(primitives.LAZY, partial(primitives.patches_of, controlled=controlled))
        )
        if memory:
            from ..instrument import importhook, texts

            texts.install()
            self._undo.append(lazy.apply(["runpy"], _patches_of_runpy))
            self._undo.append(importhook.install(roots, include, scheduling=controlled))
            if begun_in is not None:
                self.tell_missing()
                self._rewrite_imported(begun_in)
        self._undo.append(output.record_output())
        children.record_by(self)
        _core.record.follow_programs(self._follow if follow else self._leave_alone)

    def _follow(self, *program: Any) -> tuple[list[str], int] | None:
        if not children.are_recorded():
            return None
        from . import programs

        return programs.recorded(self._launch(), *program)

    def _leave_alone(self, *program: Any) -> None:
        if children.are_recorded():
            from . import programs

            programs.tell(self.roots, *program)

    def _launch(self) -> Launch:
        """How a program that this process starts is recorded."""
        return Launch(
            spool=self.spool,
            memory=self.memory,
            include=self.include,
            follow=True,
            hash_seed=self.hash_seed,
            control=str(self.control or ""),
        )

    def entry(self, child: children.Child, method: str, main_path: str | None) -> Entry:
        """What is to be unpickled first in the child, see `children.Recorder`."""
        return Entry(
            {
                "spool": self.spool,
                "memory": self.memory,
                "roots": self.roots,
                "include": self.include,
                "follow": self.follow,
                "path": child.path,
                "key": child.key,
                "name": child.name,
                "daemon": child.daemon,
                "method": method,
                "main_path": main_path,
                "control": str(self.control or ""),
                "slot": child.slot,
                "hash_seed": self.hash_seed,
            }
        )

    def tell_missing(self) -> None:
        """Say in the trace what of `include` cannot be found, now that `sys.path` is as the program
        has it."""
        if self.memory and self.include:
            from ..instrument import importhook

            finder = importhook.installed()
            assert finder is not None
            finder.tell_missing()

    def _rewrite_imported(self, frame: FrameType) -> None:
        from ..instrument import imported, importhook

        finder = importhook.installed()
        assert finder is not None
        self._undo.append(imported.begin(finder, frame))

    def compile(self, source: bytes, filename: str, module: str = "__main__") -> CodeType:
        """The code of the program's main module, rewritten if memory is recorded.

        Raises SyntaxError or ValueError as `compile` does.
        """
        if self.memory:
            from ..instrument import importhook

            return importhook.compile_main(
                source, filename, module=module, scheduling=to_be_controlled()
            )
        return compile(source, filename, "exec", dont_inherit=True)

    def stop(self) -> None:
        """End the recording and undo what it has changed in the process."""
        children.record_by(None)
        _core.record.follow_programs(None)
        if self._began_late and _core.record.recording():
            _core.hooks.place_globals()
        _core.record.stop()
        while self._undo:
            self._undo.pop()()

    def after_fork(self, child: children.Child) -> None:
        """Go on in the forked child, as a process of its own in the same run."""
        try:
            index = _claim_index(self.spool, MAIN_PROCESS + 1)
            _core.record.after_fork(
                index, child.path, self.memory, child.name, child.daemon, child.key
            )
        except OSError:
            # The spool has gone, or is full: the child runs on unrecorded.
            self.stop()


def _claim_index(spool: str, first: int) -> int:
    """An index that no process of the run has, from `first` on: making its file claims it.

    Raises OSError if the spool has gone or is full.
    """
    index = first
    while True:
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            os.close(os.open(f"{spool}/{_core.spool.definitions_file(index)}", flags, 0o600))
        except FileExistsError:
            index += 1
            continue
        return index


def say_unrecorded(why: object) -> None:
    """Tell the user of a process that is not in the trace."""
    print(f"trace: process {os.getpid()} is not recorded: {why}", file=sys.stderr)
