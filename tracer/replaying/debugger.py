"""Stopping a replayed run before one of its events: where each thread stands, or a debugger.

This runs inside the program, in the thread that is about to make the event. All others wait, this
one is neither recorded nor under control meanwhile, and virtual time does not go on.
"""

from __future__ import annotations

import linecache
import os
import pdb
import sys
import threading
from collections.abc import Iterator
from functools import partial
from types import FrameType, TracebackType
from typing import Any, NamedTuple

from .. import _core
from ..events import Event
from ..primitives.objects import KEY
from ..printing import printable
from ..reporters.phrases import line_of, phrase
from ..runs.internal import is_internal
from ..trace import Trace, load

_REFUSED = "trace: no such thread; `threads` lists them"


class Breakpoint(NamedTuple):
    """Before which event (an index) a run stops, and where what comes of it is told.

    `result` is a file descriptor that gets the sequence number to go to next, if any, and a newline
    when the event is reached. `terminal` is one to read commands from; -1: show where the threads
    stand, and end.
    """

    position: int
    result: int
    terminal: int = -1

    def __str__(self) -> str:
        return f"{__name__}/{','.join(map(str, self))}"

    @classmethod
    def parse(cls, text: str) -> Breakpoint:
        """The opposite of `str`, without the module."""
        return cls(*map(int, text.split(",")))


def install(how: str, trace: str) -> None:
    """Have this process, which follows the trace file, stop as `Breakpoint` has it in text."""
    breakpoint = Breakpoint.parse(how)
    # Loaded now: the program's threads may hold an import's lock later.
    original = load(trace)
    _core.replay.stop_at(breakpoint.position, lambda: _stopped(breakpoint, original))


class _Standing(NamedTuple):
    """A thread of the stopped run: its name and logical path, its innermost frame in the program
    (None if it has none), and the event that it makes next (None if it makes no more)."""

    name: str
    path: str
    frame: FrameType | None
    event: Event | None


def _standings(trace: Trace) -> list[_Standing]:
    """How the threads stand, the main thread first."""
    frames = sys._current_frames()
    following = trace.events[_core.replay.replay_position() :]
    found = []
    for thread in threading.enumerate():
        known = _core.primitives.kept(thread, KEY)
        path = _core.record.thread_path(
            1 if thread is threading.main_thread() else getattr(known, "id", 0)
        )
        ident = thread.ident or 0
        event = next((event for event in following if event.thread.path == path), None)
        found.append(_Standing(thread.name, path, _in_program(frames.get(ident)), event))
    return found


def _in_program(frame: FrameType | None) -> FrameType | None:
    """The nearest frame of the program's own code."""
    while frame is not None and is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame := _in_program(frame):
        yield frame
        frame = frame.f_back


def _about(event: Event | None) -> str:
    if event is None:
        return "makes no more events"
    return f"next {event.seq} {phrase(event)}  {line_of(event)}".rstrip()


def _described(number: int, standing: _Standing) -> str:
    lines = [f"{number}  {printable(standing.name)}  {_about(standing.event)}"]
    for frame in reversed(list(_stack(standing.frame))):
        code = frame.f_code
        lines.append(f"     {code.co_filename}:{frame.f_lineno} in {code.co_qualname}")
        if text := linecache.getline(code.co_filename, frame.f_lineno).strip():
            lines.append(f"       {text}")
    return "\n".join(lines)


def _stopped(breakpoint: Breakpoint, trace: Trace) -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os.write(breakpoint.result, b"\n")
    standings = _standings(trace)
    event = trace.events[_core.replay.replay_position()]
    of_event = (standing for standing in standings if standing.path == event.thread.path)
    own = next(of_event, _Standing(event.thread.name, event.thread.path, None, event))
    head = f"stopped before event {event.seq}: {printable(own.name)} {phrase(event)}"
    if _core.replay.replay_position() != breakpoint.position:
        wanted = trace.events[breakpoint.position].seq
        head = f"{head} (event {wanted} is one step with the one before it)"
    if breakpoint.terminal < 0:
        text = "\n".join([head, *(_described(i, s) for i, s in enumerate(standings, 1))])
        _write(1, text)
        _core.replay.end_replay()
    _Prompt(breakpoint, trace).stop(own, f"trace: {head}  {line_of(event)}".rstrip())


def _write(descriptor: int, text: str) -> None:
    data = f"{text}\n".encode(errors="backslashreplace")
    while data:
        data = data[os.write(descriptor, data) :]


class _Terminal:
    """What the debugger talks to. It reads no more than a line, as the next run reads on."""

    encoding = "utf-8"

    def __init__(self, source: int) -> None:
        self.source = source
        self.target = source if os.isatty(source) else 2

    def readline(self) -> str:
        line = bytearray()
        while not line.endswith(b"\n"):
            piece = os.read(self.source, 1)
            if not piece:
                break
            line += piece
        return line.decode(errors="replace")

    def write(self, text: str) -> int:
        data = text.encode(errors="backslashreplace")
        while data:
            data = data[os.write(self.target, data) :]
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


class _Prompt(pdb.Pdb):
    """pdb, in a run that is being done again: it knows the other threads, and goes back."""

    def __init__(self, breakpoint: Breakpoint, trace: Trace) -> None:
        terminal = _Terminal(breakpoint.terminal)
        super().__init__(stdin=terminal, stdout=terminal, nosigint=True, readrc=False)  # type: ignore[arg-type]
        self.prompt = "(trace) "
        self._goes_to = breakpoint.result
        self._trace = trace

    def stop(self, own: _Standing, message: str) -> None:
        """Prompt in the frame of the thread, which then goes on, step by step if it is told so."""
        frame = own.frame
        self.message(message)
        if frame is None:
            self.message("trace: it has no frame of the program; this is the main thread")
            frame = _standings(self._trace)[0].frame
        if frame is None:
            _core.replay.end_replay()
        self.reset()
        *_, self.botframe = _stack(frame)
        self.set_continue()
        self.interaction(frame, None)
        if own.frame is not None and (self.stoplineno != -1 or self.breaks):
            for one in _stack(own.frame):
                one.f_trace = self.trace_dispatch
            sys.settrace(self.trace_dispatch)

    def cmdloop(self, intro: Any = None) -> None:
        _core.replay.aside(partial(super().cmdloop, intro))

    def get_stack(
        self, f: FrameType | None, t: TracebackType | None
    ) -> tuple[list[tuple[FrameType, int]], int]:
        """The program's frames only."""
        stack, _ = super().get_stack(f, t)
        own = [entry for entry in stack if not is_internal(entry[0].f_code.co_filename)]
        return own, len(own) - 1

    def stop_here(self, frame: FrameType) -> bool:
        return not is_internal(frame.f_code.co_filename) and super().stop_here(frame)

    def do_threads(self, arg: str) -> None:
        """threads

        Show where all threads of the process stand, and the event that each makes next.
        """
        for number, standing in enumerate(_standings(self._trace), 1):
            self.message(_described(number, standing))

    def do_thread(self, arg: str) -> None:
        """thread N

        Look at another thread: `where`, `p` and the like are about its frame from now on.
        """
        standings = _standings(self._trace)
        chosen = (
            standings[int(arg) - 1] if arg.isdigit() and 0 < int(arg) <= len(standings) else None
        )
        if chosen is None:
            self.message(_REFUSED)
        elif chosen.frame is None:
            self.message(f"trace: {printable(chosen.name)} has no frame of the program")
        else:
            self.setup(chosen.frame, None)
            self.print_stack_entry(self.stack[self.curindex])

    def do_goto(self, arg: str) -> None:
        """goto SEQ

        Replay to the event with this sequence number, be it earlier or later.
        """
        seqs = [event.seq for event in self._trace.events]
        if not arg.isdigit() or int(arg) not in seqs:
            self.message(f"trace: no event {arg}; there are {seqs[0]} to {seqs[-1]}")
            return
        self._go_to(int(arg))

    def do_back(self, arg: str) -> None:
        """back [N]

        Replay to the event before this one, or to the N-th before.
        """
        index = _core.replay.replay_position() - (int(arg) if arg.isdigit() else 1)
        if index < 0:
            self.message("trace: the run begins here")
            return
        self._go_to(self._trace.events[index].seq)

    def _go_to(self, seq: int) -> None:
        os.write(self._goes_to, b"%d\n" % seq)
        _core.replay.end_replay()

    def do_quit(self, arg: str) -> None:
        """quit

        End the run.
        """
        _core.replay.end_replay()

    do_q = do_exit = do_EOF = do_quit
