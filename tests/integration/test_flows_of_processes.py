"""What flows between modules that only a child process has imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tracer

STORE = """
def get(cell):
    return cell.value


def put(cell, value):
    cell.value = value
"""
LATE = """
import store


def bump(cell, lock):
    with lock:
        seen = store.get(cell)
    with lock:
        store.put(cell, seen + 1)
"""
MAIN = """
import multiprocessing
import sys
import store


def child(cell, lock):
    import late
    late.bump(cell, lock)


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    cell, lock = context.Value("i", 0, lock=False), context.Lock()
    children = [context.Process(target=child, args=(cell, lock)) for _ in range(2)]
    for each in children:
        each.start()
    for each in children:
        each.join()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_child_adds_to_what_its_parent_knew(method: str, tmp_path: Path) -> None:
    for name, source in (("store", STORE), ("late", LATE), ("main", MAIN)):
        (tmp_path / f"{name}.py").write_text(source)
    out = tmp_path / "run.msgpack"
    command = [sys.executable, "-m", "racetrace", "run", "--seed", "2", "-o", str(out)]
    subprocess.run(
        [*command, str(tmp_path / "main.py"), method], capture_output=True, timeout=60, check=True
    )
    trace = tracer.load(out)
    assert {found.kind for found in trace.findings()} == {"lost-update"}
    (write,) = {site for site in trace.sites if site.text == "cell.value = value"}
    assert "cell.value" in {trace.sites[number - 1].text for number in write.sources}
