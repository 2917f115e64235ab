"""The pytest plugin: tests that record themselves, and recorded traces as tests.

Loaded with every run of pytest where racetrace is installed, so it imports nothing heavy until a
test asks for it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook

if TYPE_CHECKING:
    from tracer.testing.modules import TestModules
    from tracer.testing.recorder import TraceRecorder

KEPT = "failed-traces"
"""The folder below the suite's root in which the traces of failed tests are kept."""

_MARK = "trace: record the test with racetrace; the trace of a failing test is kept"
_REPLAY = "RACETRACE_PART"
"""Of the environment: `trace replay` runs a recorded test again. See `tracer.scheduling.part`."""

_is_replay: pytest.StashKey[bool] = pytest.StashKey()
_recorder: pytest.StashKey[TraceRecorder] = pytest.StashKey()
_modules: pytest.StashKey[TestModules] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("racetrace", "recorded traces")
    group.addoption(
        "--traces",
        metavar="DIR",
        action="append",
        help="Collect the trace files in DIR as tests: each must have the findings kept with it.",
    )
    parser.addini(
        "traces",
        "Folders for --traces where no tests are named on the command line.",
        type="paths",
        default=[],
    )
    parser.addini(
        "trace_everything",
        "Rewrite the program's modules from the start, not from the first module that records on.",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARK)
    config.stash[_is_replay] = _REPLAY in os.environ
    if config.getoption("file_or_dir") and not config.getoption("--traces"):
        return  # as with testpaths, what is named is all that runs
    given = {(Path(config.invocation_params.dir) / arg.split("::")[0]) for arg in config.args}
    for folder in _trace_folders(config):
        if not any(folder == path or folder.is_relative_to(path) for path in given):
            config.args.append(str(folder))


def _trace_folders(config: pytest.Config) -> list[Path]:
    if config.stash[_is_replay]:
        return []
    option: list[str] = config.getoption("--traces") or []
    if not option:
        return list(config.getini("traces"))
    return [(Path(config.invocation_params.dir) / folder).resolve() for folder in option]


def pytest_sessionstart(session: pytest.Session) -> None:
    # By now pytest's own import hook is in place; with --assert=plain there is none.
    for hook in sys.meta_path:
        if isinstance(hook, AssertionRewritingHook):
            from tracer.testing.modules import TestModules

            everything = session.config.getini("trace_everything")
            modules = TestModules(hook, session.config.rootpath, everything)
            modules.install()
            session.config.add_cleanup(modules.uninstall)
            session.config.stash[_modules] = modules
            return


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".msgpack":
        return None
    if not any(file_path.is_relative_to(folder) for folder in _trace_folders(parent.config)):
        return None
    from tracer.testing.items import TraceFile

    return TraceFile.from_parent(parent, path=file_path)


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    """`assert trace.findings() == []` fails with what was found, in words."""
    if op != "==" or "tracer.events" not in sys.modules or not isinstance(left, list):
        return None
    from tracer.testing.assertions import found

    return found(left) if right == [] else None


@pytest.fixture
def trace_recorder(request: pytest.FixtureRequest, tmp_path: Path) -> TraceRecorder:
    """Records what the test does in `with trace_recorder:`; `trace_recorder.trace` is the run."""
    return _prepare(request.node, tmp_path)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    if pyfuncitem.get_closest_marker("trace") is None:
        return (yield)
    factory: pytest.TempPathFactory = pyfuncitem.config._tmp_path_factory  # type: ignore[attr-defined]
    with _prepare(pyfuncitem, factory.mktemp("trace")):
        return (yield)


def _prepare(item: pytest.Item, folder: Path) -> TraceRecorder:
    from tracer.testing.recorder import TraceRecorder
    from tracer.testing.replays import origin

    name = re.sub(r"[^\w.-]+", "-", item.nodeid.replace(".py::", "-")).strip("-")
    modules = item.config.stash.get(_modules, None)
    early = () if modules is None else modules.too_early
    recorder = TraceRecorder(folder / f"{name}.msgpack", origin(item, KEPT, early))
    item.stash[_recorder] = recorder
    return recorder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    recorder = item.stash.get(_recorder, None)
    if item.config.stash[_is_replay] or recorder is None or not recorder.recorded:
        return report
    if report.when == "call" and report.failed:
        from tracer.testing.recorder import keep

        failure = str(call.excinfo.value) if call.excinfo is not None else ""
        kept = keep(recorder, item.config.rootpath / KEPT, failure)
        report.sections.append(("racetrace", kept))
    return report
