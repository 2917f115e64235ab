"""concurrent.futures in whole programs: as under plain python, and each task from its submission to
its end."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from commandline import PROGRAMS, plain, run

from tracer.events import Event, Op, Outcome
from tracer.ops import ONLY_WORKER, WORKER

PROGRAM = PROGRAMS / "futures.py"
_OUT = frozenset({Op.RESULT, Op.WAIT, Op.CALLBACK})


def _stderr(text: str) -> str:
    """Of processes that break at times one more worker has begun: each line once, without pids."""
    return "\n".join(sorted(set(re.sub(r"\d+", "N", text).splitlines())))


def test_futures_from_submission_to_callback(tmp_path: Path) -> None:
    expected = plain(tmp_path, str(PROGRAM))
    recorded = run(tmp_path, str(PROGRAM))
    assert recorded.stdout == expected.stdout
    assert _stderr(recorded.program_stderr) == _stderr(expected.stderr)
    assert recorded.status == expected.returncode == 0

    trace = recorded.trace
    tasks: dict[int, list[Event]] = {}
    for event in trace.events:
        if event.object is not None and event.object.kind == "Future":
            tasks.setdefault(event.object.id, []).append(event)
    lives: Counter[str] = Counter()
    for events in tasks.values():
        first = {event.op: event for event in reversed(events)}
        out = [e for e in events if e.op in _OUT and e.outcome is not Outcome.TIMED_OUT]
        assert events[0].op is Op.SUBMIT
        if Op.CANCEL in first:
            lives["cancelled"] += 1
            assert not {Op.RUN, Op.FINISH} & set(first)
            assert all(trace.happens_before(first[Op.CANCEL], event) for event in out)
            continue
        if Op.RUN in first:
            lives["run"] += 1
            assert trace.happens_before(events[0], first[Op.RUN])
            assert trace.happens_before(first[Op.RUN], first[Op.FINISH])
            assert first[Op.RUN].thread is first[Op.FINISH].thread is not events[0].thread
        else:
            lives["broken"] += 1
        assert all(trace.happens_before(first[Op.FINISH], event) for event in out)
    assert lives["broken"] == 2
    assert lives["cancelled"] >= 4
    assert lives["run"] >= 2 * 16
    callbacks = list(trace.events.filter(op=Op.CALLBACK))
    assert len(callbacks) == 2 * 3
    assert trace.findings() == []


WORKERS = """
from concurrent.futures import ProcessPoolExecutor

if __name__ == "__main__":
    with ProcessPoolExecutor({}, max_tasks_per_child=1) as pool:
        print(sum(pool.map(abs, range(4))))
"""


@pytest.mark.parametrize(("workers", "value"), [(1, ONLY_WORKER), (2, WORKER)])
def test_workers_are_known_also_those_that_replace_others(
    tmp_path: Path, workers: int, value: str
) -> None:
    (tmp_path / "p.py").write_text(WORKERS.format(workers))
    done = run(tmp_path, "p.py")
    assert done.stdout == "6\n", done.stderr
    starts = list(done.trace.events.filter(op=Op.START))
    begun = {one.object: one.value for one in starts if one.object.kind.endswith("Process")}
    assert len(begun) >= 4
    assert {*begun.values()} == {value}
