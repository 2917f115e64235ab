"""The `trace` mark: what was found is reported, and fails the test where that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import invoke
from suites import APP, run

import tracer

pytestmark = pytest.mark.one_version

TESTS = """
import threading
import app
import pytest

@pytest.mark.trace{arguments}
def test_racy():
    counter = app.Counter()
    app.count(counter, counter.bump)

@pytest.mark.trace{arguments}
def test_clean():
    app.count(None, lambda: None)
"""
FOUND = "test_it.py::test_racy: Lost update on counter.n (predicted) at app.py:9, app.py:10"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def write(suite: Path, arguments: str = "") -> None:
    (suite / "test_it.py").write_text(TESTS.format(arguments=arguments))


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("--assert=plain",)])
def test_findings_of_passing_tests_are_in_the_summary(suite: Path, options) -> None:
    write(suite)
    output = run(suite, *options, expect=0)
    assert FOUND in output
    assert "2 tests recorded: 1 with findings, 1 clean" in output
    (following,) = [line for line in output.splitlines() if line.startswith("next: trace check ")]
    trace = tracer.load(suite / following.removeprefix("next: trace check "))
    assert [one.kind for one in trace.findings()] == ["lost-update"]


@pytest.mark.parametrize("options", [(), ("-n", "2")])
@pytest.mark.parametrize("how", ["mark", "ini"])
def test_findings_fail_the_test_where_asked(suite: Path, how: str, options) -> None:
    write(suite, "(fail=True)" if how == "mark" else "")
    if how == "ini":
        (suite / "pytest.ini").write_text("[pytest]\ntrace_findings = error\n")
    output = run(suite, *options, expect=1)
    assert "1 failed, 1 passed" in output
    assert output.count("1. Lost update on counter.n (predicted)") == 1
    assert FOUND in output
    assert "next: trace check failed-traces/test_it-test_racy.msgpack" in output
    assert "pytest_plugin.py" not in output
    replayed = invoke(suite, "replay", "failed-traces/test_it-test_racy.msgpack")
    assert replayed.returncode == 0, replayed.stderr


def test_the_mark_wins_over_the_ini_file(suite: Path) -> None:
    (suite / "pytest.ini").write_text("[pytest]\ntrace_findings = error\n")
    write(suite, "(fail=False)")
    assert "2 passed" in run(suite, expect=0)


def test_what_was_not_checked_is_no_pass_where_findings_fail(suite: Path) -> None:
    (suite / "test_it.py").write_text("""
import pytest

@pytest.mark.trace(fail=True)
def test_tasks():
    import asyncio
    shared = []
    class Box: n = 0
    async def bump():
        seen = Box.n
        await asyncio.sleep(0)
        Box.n = seen + 1
    async def main():
        await asyncio.gather(bump(), bump())
    asyncio.run(main())
""")
    output = run(suite, expect=1)
    assert "1 test recorded: 1 inconclusive" in output
    assert "is inconclusive: " in output


def test_what_the_recorder_recorded_is_in_the_summary_too(suite: Path) -> None:
    """A test that asks for findings only passes in a run that proves nothing; that is said."""
    (suite / "test_it.py").write_text("""
def test_nothing(trace_recorder):
    with trace_recorder:
        pass
    assert trace_recorder.trace.findings() == []
""")
    output = run(suite, expect=0)
    assert "1 test recorded: 1 inconclusive" in output
    assert "InconclusiveWarning: nothing was found, but that proves nothing: no " in output
    assert "1 failed" in run(suite, "-W", "error::tracer.InconclusiveWarning", expect=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("(fale=True)", "pytest.mark.trace takes fail=, and not fale="),
        ("(True)", "pytest.mark.trace takes fail=, and not True"),
        ("(fail='no')", "pytest.mark.trace(fail=…) is True or False"),
    ],
)
def test_unknown_arguments_are_errors(suite: Path, arguments: str, message: str) -> None:
    write(suite, arguments)
    output = run(suite, expect=1)
    assert "2 errors" in output
    assert message in output
    assert "pytest_plugin.py" not in output


def test_a_module_that_cannot_be_imported_is_reported_as_ever(suite: Path) -> None:
    (suite / "test_it.py").write_text("import pytest\npytest.mark.trace\nimport no_such\n")
    output = run(suite, expect=2)
    assert "test_it.py:3: in <module>" in output
    assert "exec_module" not in output


def test_an_unknown_setting_is_an_error(suite: Path) -> None:
    (suite / "pytest.ini").write_text("[pytest]\ntrace_findings = eror\n")
    write(suite)
    run(suite, expect=4)


def test_test_cases_are_recorded_with_their_set_up(suite: Path) -> None:
    (suite / "test_it.py").write_text("""
import threading, unittest
import pytest

class TestCounter(unittest.TestCase):
    def setUp(self):
        self.n = 0
        self.workers = [threading.Thread(target=self.bump) for _ in range(2)]
        for worker in self.workers:
            worker.start()

    def bump(self):
        self.n += 1

    def join(self):
        for worker in self.workers:
            worker.join()

    @pytest.mark.trace
    def test_reported(self):
        self.join()

    @pytest.mark.trace(fail=True)
    def test_failed(self):
        self.join()

    @pytest.mark.trace(fail=True)
    def test_fails_itself(self):
        self.join()
        self.assertEqual(self.n, 3)

    @pytest.mark.trace(fail=True)
    @unittest.skip("not now")
    def test_skipped(self):
        self.join()
""")
    output = run(suite, expect=1)
    assert "2 failed, 1 passed, 1 skipped" in output
    assert output.count("Lost update on TestCounter.n (") >= 3
    assert "AssertionError: 2 != 3" in output
    assert "3 tests recorded: 3 with findings" in output
    assert len(list((suite / "failed-traces").iterdir())) == 2


def test_threads_that_fixtures_have_started_are_recorded(suite: Path) -> None:
    (suite / "test_it.py").write_text("""
import queue, threading
import app
import pytest

@pytest.fixture
def servers():
    counter, orders = app.Counter(), [queue.Queue() for _ in range(2)]
    def serve(own):
        while own.get():
            counter.bump()
            own.task_done()
    threads = [threading.Thread(target=serve, args=(own,)) for own in orders]
    for thread in threads: thread.start()
    yield orders
    for own in orders: own.put(False)
    for thread in threads: thread.join()

@pytest.mark.trace(fail=True)
def test_orders(servers):
    for own in servers: own.put(True)
    for own in servers: own.join()
""")
    output = run(suite, expect=1)
    assert "Lost update on Counter.n (" in output


def test_a_run_that_is_recorded_as_a_whole_records_the_test_modules(suite: Path) -> None:
    write(suite)
    (suite / "test_module.py").write_text("""
import threading

total = 0

def bump():
    global total
    seen = total
    total = seen + 1

def test_it(tmp_path):
    workers = [threading.Thread(target=bump) for _ in range(2)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
    assert total + 1 == 4

def test_with_block(trace_recorder):
    with trace_recorder:
        bump()
    assert trace_recorder.trace.findings() == []
""")
    done = invoke(suite, "run", "-o", "t.msgpack", "-m", "pytest", "-p", "no:cacheprovider")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 2 passed, 1 skipped" in done.stdout
    assert "assert (2 + 1) == 4" in done.stdout  # pytest's own rewriting still explains
    found = {one.location.short for one in tracer.load(suite / "t.msgpack").findings()}
    assert found == {"test_module.total", "counter.n"}
