"""Recording in this process: what is switched on at its start and off at its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

from tracer import _core
from tracer.errors import RecordingError
from tracer.recording import lazy, output, patching

MAIN_PROCESS = 1
"""The index of the run's first process in its spool."""


def _internal_prefixes() -> list[str]:
    """Where code lies that is never the site of an event: the tool's and the interpreter's own.

    Packages installed below the standard library's folder count as internal too: what a program
    does through them is shown at its own line.
    """
    library = os.path.dirname(os.__file__)
    return [str(Path(__file__).parent.parent) + os.sep, library + os.sep, "<frozen "]


def set_internal(*hidden: str) -> None:
    """Tell the core which code is never the site of an event: that, and the files `hidden`."""
    _core.set_internal([*_internal_prefixes(), *hidden])


@contextmanager
def no_site_in(filename: str) -> Iterator[None]:
    """For the time of the block, code of this file name is not the site of an event either."""
    set_internal(filename)
    try:
        yield
    finally:
        set_internal()


class Session:
    """The recording of this process, from its creation to `stop`.

    `roots` are folders and `include` packages whose modules are rewritten when they are imported
    from now on. Code of the file names `hidden` is not the site at which the recording begins.
    Raises RecordingError if the spool cannot be written or the process is being
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
    ) -> None:
        if _core.recording():
            raise RecordingError("this process is being recorded already")
        from tracer import primitives

        self._undo: list[Callable[[], None]] = []
        self._spool = spool
        self._memory = memory
        self._forks = 0
        set_internal(*hidden)
        try:
            _core.start(spool, MAIN_PROCESS, "main", memory)
        except OSError as error:
            raise RecordingError(f"cannot record into {spool}: {error.strerror}") from error
        primitives.begin_session()
        set_internal()
        self._path = "main"
        self._undo.append(patching.apply(primitives.PATCHES))
        self._undo.append(lazy.apply(primitives.LAZY))
        if memory:
            from tracer.instrument import importhook

            self._undo.append(importhook.install(roots, include))
        self._undo.append(output.record_output())
        _follow_forks(self)

    def compile(self, source: bytes, filename: str) -> CodeType:
        """The code of the program's `__main__`, rewritten if memory is recorded.

        Raises SyntaxError or ValueError as `compile` does.
        """
        if self._memory:
            from tracer.instrument import importhook

            return importhook.compile_main(source, filename)
        return compile(source, filename, "exec", dont_inherit=True)

    def stop(self) -> None:
        """End the recording and undo what it has changed in the process."""
        global _current
        _current = None
        _core.stop()
        while self._undo:
            self._undo.pop()()

    def before_fork(self) -> None:
        """Number the child, in the parent: it is named by who made it and as which."""
        self._forks += 1

    def after_fork(self) -> None:
        """Go on in the forked child, as a process of its own in the same run."""
        self._path = f"{self._path}/p{self._forks}"
        self._forks = 0
        try:
            _core.after_fork(_claim_index(self._spool), self._path, self._memory)
        except OSError:
            # The spool has gone, or is full: the child runs on unrecorded.
            self.stop()


def _claim_index(spool: str) -> int:
    """An index that no process of the run has: making its file claims it."""
    index = MAIN_PROCESS
    while True:
        index += 1
        try:
            os.close(os.open(f"{spool}/p{index}.defs", os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        return index


_current: Session | None = None
_hooked = False


def _before_fork() -> None:
    if _current is not None:
        _current.before_fork()


def _after_fork() -> None:
    if _current is not None:
        _current.after_fork()


def _follow_forks(session: Session) -> None:
    global _current, _hooked
    _current = session
    if not _hooked:
        _hooked = True
        os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
