"""What takes turns inside a thread (tasks of asyncio, greenlets) is not looked at for races, and
that is said where they share something."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Recorded, plain, run

from tracer.events import Op

TASKS = """
import asyncio, threading
total = 0
async def add():
    global total
    for _ in range(2):
        seen = total
        await asyncio.sleep(0)
        total = seen + 1
"""
INTERLEAVED = {
    "gather": "async def main(): await asyncio.gather(add(), add())\nasyncio.run(main())",
    "create_task": "async def main():\n    one = asyncio.create_task(add())\n    await add()\n"
    "    await one\nasyncio.run(main())",
    "in a thread": "async def main(): await asyncio.gather(add(), add())\n"
    "thread = threading.Thread(target=lambda: asyncio.run(main()))\n"
    "thread.start()\nthread.join()",
}
NOT_INTERLEAVED = {
    "one task": "asyncio.run(add())",
    "one after the other": "async def main():\n    for _ in range(3):\n"
    "        await asyncio.create_task(add())\nasyncio.run(main())",
    "two runs": "asyncio.run(add())\nasyncio.run(add())",
    "nothing shared": "class A:\n    def __init__(self): self.n = 0\n"
    "    async def add(self):\n        seen = self.n\n        await asyncio.sleep(0)\n"
    "        self.n = seen + 1\n"
    "async def main(): await asyncio.gather(*(A().add() for _ in range(3)))\nasyncio.run(main())",
    "only read": "async def look():\n    for _ in range(3):\n        print(total)\n"
    "        await asyncio.sleep(0)\n"
    "async def main(): await asyncio.gather(look(), look())\nasyncio.run(main())",
}


def executed(folder: Path, program: str, *options: str) -> Recorded:
    (folder / "p.py").write_text(program)
    done = run(folder, "p.py", options=options)
    expected = plain(folder, "p.py")
    assert (done.status, done.stdout) == (expected.returncode, expected.stdout)
    assert done.program_stderr == expected.stderr
    return done


@pytest.mark.parametrize("name", INTERLEAVED)
@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
def test_tasks_that_interleave_on_what_they_share_are_inconclusive(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    verdict = executed(tmp_path, TASKS + INTERLEAVED[name], *options).trace.verdict()
    assert verdict.word == "inconclusive"
    assert [reason.kind for reason in verdict.reasons] == ["asyncio"]
    assert "on total: races between them are not looked for" in verdict.reasons[0].text


@pytest.mark.parametrize("name", NOT_INTERLEAVED)
def test_tasks_that_do_not_are_clean(tmp_path: Path, name: str) -> None:
    trace = executed(tmp_path, TASKS + NOT_INTERLEAVED[name]).trace
    assert trace.verdict().word == "clean"


def test_threads_of_asyncio_are_threads(tmp_path: Path) -> None:
    program = """
import asyncio, threading
total = 0
both = threading.Barrier(2)
def work():
    global total
    both.wait()
    for _ in range(3): total += 1
async def main(): await asyncio.gather(*(asyncio.to_thread(work) for _ in range(2)))
asyncio.run(main())
"""
    verdict = executed(tmp_path, program).trace.verdict()
    assert verdict.word == "findings"
    assert verdict.reasons == ()


GREENLETS = """
import greenlet
total = 0
def add():
    global total
    for _ in range(2):
        seen = total
        main.switch()
        total = seen + 1
main = greenlet.getcurrent()
"""
GEVENT = """
from gevent import monkey
monkey.patch_all()
import threading, time
total = 0
def add():
    global total
    for _ in range(2):
        seen = total
        time.sleep(0.001)
        total = seen + 1
threads = [threading.Thread(target=add) for _ in range(COUNT)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(total)
"""
ALTERNATING = """
one, other = greenlet.greenlet(add), greenlet.greenlet(add)
for _ in range(3):
    one.switch()
    other.switch()
"""
ONE = "one = greenlet.greenlet(add)\nfor _ in range(3): one.switch()"


@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
@pytest.mark.parametrize(("program", "word"), [(ALTERNATING, "inconclusive"), (ONE, "clean")])
def test_greenlets(tmp_path: Path, program: str, word: str, options: tuple[str, ...]) -> None:
    pytest.importorskip("greenlet", reason="needs greenlet")
    verdict = executed(tmp_path, GREENLETS + program, *options).trace.verdict()
    assert verdict.word == word
    assert {reason.kind for reason in verdict.reasons} <= {"greenlets"}


@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
def test_greenlets_in_the_place_of_threads_are_those_of_one_thread(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    pytest.importorskip("gevent", reason="needs gevent")
    trace = executed(tmp_path, GEVENT.replace("COUNT", "3"), *options).trace
    assert [thread.path for thread in trace.threads] == ["main"]
    assert trace.verdict().word == "inconclusive"
    assert [reason.kind for reason in trace.verdict().reasons] == ["greenlets"]


INTERPRETER = """
import sys, threading
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
else:
    import _xxsubinterpreters as interpreters
total = 0
def work(): print(total)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.parametrize(
    ("program", "kinds"),
    [("", []), ("one = interpreters.create()\ninterpreters.destroy(one)", ["subinterpreters"])],
    ids=["only imported", "made"],
)
def test_subinterpreters_are_not_recorded(tmp_path: Path, program: str, kinds: list[str]) -> None:
    verdict = executed(tmp_path, INTERPRETER + program).trace.verdict()
    assert [reason.kind for reason in verdict.reasons] == kinds


RUN_INSIDE = """
import sys, threading
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
else:
    import _xxsubinterpreters as interpreters
one = interpreters.create()
interpreters.run_string(one, "import threading")
code = "\\n".join([
    "import threading, time",
    "lock = threading.Lock()",
    "with lock: print('inside', flush=True)",
    "time.sleep(0.01)",
])
thread = threading.Thread(target=lambda: interpreters.run_string(one, code))
thread.start()
thread.join()
interpreters.destroy(one)
"""


@pytest.mark.parametrize("options", [(), ("--seed", "1")])
def test_the_thread_that_runs_a_subinterpreter_has_no_part_in_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    trace = executed(tmp_path, RUN_INSIDE, *options).trace
    events = trace.events.filter(thread=trace.threads[1])
    assert not {Op.ACQUIRE, Op.RELEASE, Op.SLEEP} & {event.op for event in events}
