"""How this process comes under control."""

from __future__ import annotations

import sys
from importlib import import_module

from .. import _core
from ..runs.control import Control
from ..runs.schedule import Schedule


def begin(control: Control, spool: str, slot: int | None = None) -> None:
    """Put this process under control, as the first of its run, or in the slot that its parent has
    made for it. It must have one thread."""
    if control.trace:
        _core.replay.follow_trace(control.trace, control.follow)
    if slot is not None:
        _core.control.join_control(spool, slot)
        return
    _core.control.control(
        spool,
        control.strategy,
        control.seed,
        control.depth,
        control.length,
        control.follow,
        control.most_steps,
        control.explores_time,
        Schedule.parse(control.schedule).switches,
    )
    _core.record.parent_was(control.supervisor)
    if control.breakpoint:
        # The module is of a room above this one, and named by it.
        module, _, how = control.breakpoint.partition("/")
        import_module(module).install(how, control.trace)


def name_main_thread() -> None:
    """Have `threading` know the main thread by the ident that it is told under control: it asked
    when it was imported."""
    threading = sys.modules.get("threading")
    if threading is not None:
        main = threading.main_thread()
        del threading._active[main.ident]
        main._set_ident()
        main._set_native_id()
        threading._active[main.ident] = main
