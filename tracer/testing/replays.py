"""What a recorded test's trace says of the test, so that `trace replay` runs it again."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import pytest

from ..replaying.program import TEST
from ..runs import interpreter
from ..runs.part import current


def origin(item: pytest.Item, kept: str, early: Sequence[str]) -> dict[str, object]:
    """The header's fields for the recording of a test. `kept` is the folder below the suite's root
    in which it is kept if the test fails; `early` are modules that were imported too early to be
    rewritten."""
    config = item.config
    folder = {"folder": os.path.realpath(config.rootpath / kept)} if current() is None else {}
    return {
        "mode": TEST,
        "program": item.nodeid,
        "argv": _options(config),
        "flags": interpreter.parse(sys.orig_argv[1:]).flags,
        "rootdir": str(config.rootpath),
        "cwd": str(config.invocation_params.dir),
        **folder,
        "unrewritten": list(early),
    }


def _options(config: pytest.Config) -> list[str]:
    """The options of this run of pytest, without what says which tests to run."""
    worker: dict[str, list[str]] | None = getattr(config, "workerinput", None)  # of pytest-xdist
    given = worker["mainargv"][1:] if worker else config.invocation_params.args
    chosen: list[str] = config.getoption("file_or_dir", None) or []
    options = [str(word) for word in given if str(word) not in chosen]
    return [*options, "-n0"] if worker else options
