"""What a recorded program takes in memory does not grow with what it has forgotten itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import run

GROWS = """
import threading

class Thing: pass
table, thing, last = {}, Thing(), None

def keys(number):
    table[number] = 1
    del table[number]
def texts(number):
    key = f"a long key with the number {number}"
    table[key] = 1
    del table[key]
def tuples(number):
    table[number, "key"] = 1
    del table[number, "key"]
def values(number):
    global last
    last = f"a long value with the number {number}"
def objects(number):
    other = Thing()
    other.number = number
def lists(number):
    [].append(number)

def anonymous():
    with open("/proc/self/status") as file:
        line, = (line for line in file if line.startswith("RssAnon"))
    return int(line.split()[1]) >> 10

def most(first, last):
    found = 0
    for number in range(first, last):
        KIND(number)
        if number % 5000 == 0:
            found = max(found, anonymous())
    return found

def work():
    before = most(0, 300_000)
    print(most(300_000, 600_000) - before)

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("kind", ["keys", "texts", "tuples", "values", "objects", "lists"])
def test_memory_does_not_grow_with_what_is_forgotten(tmp_path: Path, kind: str) -> None:
    (tmp_path / "p.py").write_text(GROWS.replace("KIND", kind))
    done = run(tmp_path, "p.py")
    assert int(done.stdout) < 20  # MB; what was kept of each took 36 to 70


def test_what_was_forgotten_is_the_same_variable_when_it_is_met_again(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("""
import threading
table = {}
def first():
    table["the first key of all"] = 1
def many():
    for number in range(300_000):
        table[number] = None
def last():
    table["the first key of all"] = 2
for target in (first, many, last):
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
""")
    trace = run(tmp_path, "p.py").trace
    name = "table['the first key of all']"
    assert [one.name for one in trace.locations if "first" in one.name] == [name]
    assert [event.value for event in trace.events.filter(location=name)] == [1, 2]
    assert len(trace.locations) > 300_000
