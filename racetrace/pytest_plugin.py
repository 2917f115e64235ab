"""The pytest plugin: tests that record themselves, and recorded traces as tests.

Loaded with every run of pytest where racetrace is installed, so it imports nothing heavy until a
test asks for it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook

from racetrace import own
from racetrace.modules import RecordingModules
from racetrace.summary import Summary

if TYPE_CHECKING:
    from tracer.testing.recorder import TraceRecorder

KEPT = "failed-traces"
"""The folder below the suite's root in which the traces of failed tests are kept."""

_MARK = (
    "trace(*, fail=None): record the test with racetrace. What is found is in the terminal summary;"
    " with fail=True, or trace_findings = error in the ini file, it fails the test. The trace of a"
    " failing test is kept."
)
_REPLAY = "RACETRACE_PART"
"""Of the environment: `trace replay` runs a recorded test again. See `tracer.runs.part`."""
_REPORT, _ERROR = "report", "error"

_is_replay: pytest.StashKey[bool] = pytest.StashKey()
_recorder: pytest.StashKey[TraceRecorder] = pytest.StashKey()
_modules: pytest.StashKey[RecordingModules] = pytest.StashKey()
_summary: pytest.StashKey[Summary] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("racetrace", "recorded traces")
    group.addoption(
        "--traces",
        metavar="DIR",
        action="append",
        help="Run the trace files in DIR that have kept findings as tests: those, and what else is"
        " named on the command line.",
    )
    group.addoption(
        "--trust-traces",
        action="store_true",
        help="Replay also traces of programs that are not known to be your own.",
    )
    parser.addini(
        "traces",
        "Folders for --traces where no tests are named on the command line.",
        type="paths",
        default=[],
    )
    parser.addini(
        "trace_findings",
        "What findings in a test with the trace mark do: report (in the summary), or error: the"
        " test fails.",
        default=_REPORT,
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
    if config.getini("trace_findings") not in (_REPORT, _ERROR):
        raise pytest.UsageError(f"trace_findings must be {_REPORT} or {_ERROR}")
    config.stash[_summary] = Summary(config)
    config.pluginmanager.register(config.stash[_summary], "racetrace-summary")
    _name_traces(config)


def _name_traces(config: pytest.Config) -> None:
    """Add the folders of traces to what is collected, or put them in the place of it."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    if not config.getoption("--traces", None):
        if named:
            return  # as with testpaths, what is named is all that runs
    elif not named and any(
        str(word).partition("=")[0] == "--traces" for word in config.invocation_params.args
    ):
        config.args.clear()  # DIR is named
    given = {(Path(config.invocation_params.dir) / arg.split("::")[0]) for arg in config.args}
    for folder in _trace_folders(config):
        if not any(folder == path or folder.is_relative_to(path) for path in given):
            config.args.append(str(folder))


def _trace_folders(config: pytest.Config) -> list[Path]:
    if config.stash[_is_replay]:
        return []
    option: list[str] = config.getoption("--traces", None) or []
    if not option:
        return list(config.getini("traces"))
    return [(Path(config.invocation_params.dir) / folder).resolve() for folder in option]


def pytest_sessionstart(session: pytest.Session) -> None:
    # By now pytest's own import hook is in place; with --assert=plain there is none.
    for hook in sys.meta_path:
        if isinstance(hook, AssertionRewritingHook):
            everything = session.config.getini("trace_everything")
            modules = RecordingModules(hook, session.config.rootpath, everything)
            sys.meta_path.insert(0, modules)
            session.config.add_cleanup(partial(sys.meta_path.remove, modules))
            session.config.stash[_modules] = modules
            return


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".msgpack":
        return None
    if not any(file_path.is_relative_to(folder) for folder in _trace_folders(parent.config)):
        return None
    from racetrace.tracer.testing import expected
    from racetrace.tracer.testing.items import TraceFile

    named = {Path(parent.config.invocation_params.dir) / word for word in parent.config.args}
    if file_path not in named and not expected.file_beside(file_path).exists():
        parent.config.stash[_summary].unkept.append(str(file_path))
        return None
    file: pytest.Collector = TraceFile.from_parent(parent, path=file_path)
    return file


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    """`assert trace.findings() == []` fails with what was found, in words."""
    if (
        op != "=="
        or right != []
        or not isinstance(left, list)
        or "racetrace.tracer.events" not in sys.modules
    ):
        return None
    from racetrace.tracer.testing.assertions import found

    return found(left) if right == [] else None


@pytest.fixture
def trace_recorder(request: pytest.FixtureRequest, tmp_path: Path) -> TraceRecorder:
    """Records what the test does in `with trace_recorder:`; `trace_recorder.trace` is the run."""
    if own.recording_run():
        pytest.skip("trace run records the whole of this run, so the test has no trace of its own")
    return _prepare(request.node, tmp_path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    mark = item.get_closest_marker("trace")
    if mark is None:
        return
    unknown = [*map(repr, mark.args), *(f"{name}=" for name in mark.kwargs if name != "fail")]
    if unknown:
        pytest.fail(f"pytest.mark.trace takes fail=, and not {unknown[0]}", pytrace=False)
    if not isinstance(mark.kwargs.get("fail", False), bool):
        pytest.fail("pytest.mark.trace(fail=…) is True or False", pytrace=False)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    mark = item.get_closest_marker("trace")
    if mark is None or own.recording_run():
        return (yield)
    asked = mark.kwargs.get("fail", item.config.getini("trace_findings") == _ERROR)
    factory: pytest.TempPathFactory = item.config._tmp_path_factory  # type: ignore[attr-defined]
    recorder = _prepare(item, factory.mktemp("trace"))
    with recorder:
        result = yield
    # A TestCase's failure is no exception here.
    failed = bool(getattr(item, "_excinfo", None))
    asked = asked and not failed and not item.config.stash[_is_replay]
    if asked and (problem := recorder.problem()):
        pytest.fail(problem, pytrace=False)
    return result


def _prepare(item: pytest.Item, folder: Path) -> TraceRecorder:
    from racetrace.tracer.testing.recorder import TraceRecorder
    from racetrace.tracer.testing.replays import origin

    name = re.sub(r"[^\w.-]+", "-", item.nodeid.replace(".py::", "-")).strip("-")
    modules = item.config.stash.get(_modules, None)
    early = () if modules is None else modules.too_early
    item.stash[_recorder] = TraceRecorder(folder / f"{name}.msgpack", origin(item, KEPT, early))
    return item.stash[_recorder]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    recorder = item.stash.get(_recorder, None)
    if item.config.stash[_is_replay] or recorder is None or not recorder.recorded:
        return report
    if report.when == "call":
        if report.failed:
            from racetrace.tracer.testing.recorder import keep

            failure = str(call.excinfo.value) if call.excinfo is not None else ""
            kept = keep(recorder, item.config.rootpath / KEPT, failure)
            report.sections.append(("racetrace", kept))
        if not report.skipped:
            Summary.tell(report, recorder.result())
    return report
