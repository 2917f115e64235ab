"""The pytest plugin in real runs of pytest over small suites."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from suites import APP, CLEAN, RACY, run

import tracer

pytestmark = pytest.mark.one_version


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def test_a_failing_test_keeps_its_trace_and_says_what_was_found(suite: Path) -> None:
    (suite / "test_racy.py").write_text(RACY)
    output = run(suite, expect=1)
    assert "assert (3 + 1) == 0" in output  # pytest's own rewriting still explains
    assert "Lost update on total" in output
    assert "app.py:9   seen = self.n" in output
    assert "next: trace show failed-traces/test_racy-test_marked.msgpack" in output
    kept = sorted((suite / "failed-traces").iterdir())
    assert [file.name for file in kept] == [
        "test_racy-test_marked.msgpack",
        "test_racy-test_with_block.msgpack",
    ]
    assert [finding.kind for finding in tracer.load(kept[1]).findings()] == ["lost-update"]


def test_a_failing_comparison_of_findings_is_in_words(suite: Path) -> None:
    (suite / "test_compared.py").write_text(
        RACY.replace("assert_no_races(trace_recorder.trace)", "pass")
        + "    assert trace_recorder.trace.findings() == []\n"
    )
    output = run(suite, "-k", "with_block", expect=1)
    assert "assert trace.findings() == []" in output
    assert "Lost update on Counter.n (predicted)" in output
    assert "Finding(kind=" not in output.replace("[Finding(kind=", "", 1)  # as the source has it


def test_a_passing_test_keeps_nothing(suite: Path) -> None:
    (suite / "test_clean.py").write_text(CLEAN)
    assert "2 passed" in run(suite, expect=0)
    assert not (suite / "failed-traces").exists()


def test_recording_tests_run_under_xdist(suite: Path) -> None:
    (suite / "test_clean.py").write_text(CLEAN)
    (suite / "test_racy.py").write_text(RACY)
    output = run(suite, "-n", "2", expect=1)
    assert "2 failed, 2 passed" in output
    assert output.count("trace kept: failed-traces/test_racy") == 2


def test_modules_imported_before_the_first_module_that_records_are_recorded(suite: Path) -> None:
    (suite / "test_a_plain.py").write_text("import app\ndef test_it(): assert app")
    (suite / "test_racy.py").write_text(RACY)
    assert "update on Counter.n" in run(suite, "-k", "with_block", expect=1)
    (suite / "pytest.ini").write_text("[pytest]\ntrace_everything = true\n")
    assert "update on Counter.n" in run(suite, "-k", "with_block", expect=1)


def test_a_suite_without_recorded_tests_is_left_alone(suite: Path) -> None:
    (suite / "test_plain.py").write_text(
        "import sys\nimport app\n"
        "def test_it():\n"
        "    assert not any(name.startswith('tracer.instrument') for name in sys.modules)\n"
        "    assert '@read_attribute' not in app.Counter.bump.__code__.co_names\n"
    )
    run(suite, expect=0)


def test_the_plugin_loads_nothing_of_the_recorder() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import racetrace.pytest_plugin;"
        "print(sorted(m for m in set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "['racetrace', 'racetrace.modules', 'racetrace.own', 'racetrace.pytest_plugin',"
        " 'racetrace.summary']"
    )


def record(suite: Path, name: str, *options: str) -> Path:
    script = suite / f"{name}.py"
    script.write_text(APP + "\nc = Counter()\ncount(c, c.bump)\n")
    file = suite / "traces" / f"{name}.msgpack"
    trace = Path(sys.executable).with_name("trace")
    command = [trace, "run", *options, "-o", file, script]
    subprocess.run(command, cwd=suite, check=True, capture_output=True, timeout=60)
    return file


def check(suite: Path, *args: str | Path) -> None:
    trace = Path(sys.executable).with_name("trace")
    subprocess.run([trace, "check", *args], cwd=suite, check=True, capture_output=True, timeout=60)


def test_traces_are_tests_when_asked(suite: Path) -> None:
    file = record(suite, "race")
    check(suite, "--save-expected", file)
    (suite / "test_plain.py").write_text("def test_it(): pass")
    assert "1 passed" in run(suite, "--traces", "traces", expect=0)
    assert "1 passed" in run(suite, "--traces=traces", "-n", "2", expect=0)
    assert "2 passed" in run(suite, ".", "--traces", "traces", expect=0)
    assert "1 passed" in run(suite, expect=0)
    (suite / "pytest.ini").write_text("[pytest]\naddopts = --traces traces\n")
    assert "2 passed" in run(suite, expect=0)
    assert "2 passed" in run(suite, "-n", "2", expect=0)
    (suite / "pytest.ini").write_text("[pytest]\ntraces = traces\n")
    assert "2 passed" in run(suite, expect=0)
    assert "1 passed" in run(suite, "test_plain.py", expect=0)
    assert "1 passed" in run(suite, "traces/race.msgpack", expect=0)


def test_a_trace_with_other_findings_fails(suite: Path) -> None:
    file = record(suite, "race")
    check(suite, "--save-expected", file)
    kept = suite / "traces" / "race.expected.json"
    kept.write_text(kept.read_text().replace("lost-update", "data-race"))
    output = run(suite, "--traces", "traces", expect=1)
    assert "missing: predicted data-race on c.n at race.py:9" in output
    assert "not expected: predicted lost-update on c.n at race.py:9" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_traces_without_kept_findings_are_counted(suite: Path, options: tuple[str, ...]) -> None:
    file = record(suite, "race")
    record(suite, "other")
    output = run(suite, "--traces", "traces", *options, expect=5)
    assert "2 traces without kept findings not tested: trace check --save-expected" in output
    check(suite, "--save-expected", file)
    output = run(suite, "--traces", "traces", *options, expect=0)
    assert "1 passed" in output
    assert "1 trace without kept findings not tested" in output
    assert "--save-expected traces/other.msgpack\n" in output
    output = run(suite, "--traces", "traces", "traces/other.msgpack", *options, expect=1)
    assert "nothing says what is expected of it: trace check --save-expected" in output


def test_a_trace_that_is_inconclusive_proves_nothing(suite: Path) -> None:
    check(suite, "--save-expected", record(suite, "race", "--no-memory"))
    output = run(suite, "--traces", "traces", expect=1)
    assert "proves nothing: recorded with --no-memory" in " ".join(output.split())


def test_a_broken_trace_or_expectation_is_one_line(suite: Path) -> None:
    file = record(suite, "race")
    check(suite, "--save-expected", file)
    kept = suite / "traces" / "race.expected.json"
    whole = kept.read_text()
    for broken in ("", "[]", '{"findings": [1]}', '{"findings": [{"kind": 1}]}', whole[:-40]):
        kept.write_text(broken)
        output = run(suite, "--traces", "traces", expect=1)
        assert "is not what trace check --save-expected writes" in output
        assert "Traceback" not in output
    kept.write_text(whole)
    file.write_bytes(b"no trace")
    output = run(suite, "--traces", "traces", expect=1)
    assert "race.msgpack" in output
    assert "Traceback" not in output
