"""What a program learns from outside is in its trace, and it learns it as under plain python."""

from __future__ import annotations

import datetime
import shlex
import subprocess

import pytest
from commandline import TRACE, plain, run

import tracer
from tracer.events import Op


def record(tmp_path, source: str, stdin: str = ""):
    """The program's printed lines and its INPUT events as (name, value)."""
    script = tmp_path / "script.py"
    script.write_text(source)
    recorded = run(tmp_path, str(script), stdin=stdin)
    assert recorded.status == 0, recorded.stderr
    events = recorded.trace.events.filter(op=Op.INPUT)
    return recorded.stdout.splitlines(), [(e.object.name, e.value) for e in events]


def test_clocks(tmp_path):
    names = ["time", "monotonic", "perf_counter", "process_time", "thread_time"]
    names += [f"{name}_ns" for name in names]
    calls = "".join(f"print(repr(time.{name}()))\n" for name in names)
    lines, inputs = record(tmp_path, "import time\n" + calls)
    assert inputs == [(f"time.{n}", eval(line)) for n, line in zip(names, lines, strict=True)]


def test_the_time_of_day_in_words(tmp_path):
    source = """
import time
def stamp(seconds):
    local = time.localtime(seconds)
    return time.asctime(local), time.strftime("%X", local), tuple(time.gmtime(seconds))
print(time.ctime(), time.asctime(), time.strftime("%X"), tuple(time.localtime()), sep="|")
print(tuple(time.gmtime(None)), stamp(0), sep="|")
"""
    lines, inputs = record(tmp_path, source)
    assert [name for name, _ in inputs] == [
        f"time.{name}" for name in ("ctime", "asctime", "strftime", "localtime", "gmtime")
    ]
    ctime, asctime, clock, local = lines[0].split("|")
    moments = [datetime.datetime.fromtimestamp(value) for _, value in inputs]
    assert [f"{m:%c}" for m in moments[:2]] == [ctime, asctime]
    assert f"{moments[2]:%X}" == clock
    assert eval(local)[:6] == moments[3].timetuple()[:6]


def test_datetimes_to_the_microsecond_and_of_their_class(tmp_path):
    source = """
import datetime
class Mine(datetime.datetime):
    pass
utc = datetime.timezone.utc
for made in (datetime.datetime.now(utc), Mine.now(tz=utc), Mine.utcnow().replace(tzinfo=utc)):
    print(type(made).__name__, round(made.timestamp() * 1_000_000))
print(datetime.date.today() <= datetime.datetime.today().date())
"""
    lines, inputs = record(tmp_path, source)
    assert [line.split()[0] for line in lines[:3]] == ["datetime", "Mine", "Mine"]
    assert [int(line.split()[1]) for line in lines[:3]] == [value for _, value in inputs[:3]]
    assert [name for name, _ in inputs[3:]] == ["time.time", "time.time"]


def test_random_numbers(tmp_path):
    source = """
import os, random, uuid
random.seed(7)
print(random.random())
print(random.Random(3).random())
print(hex(random.getrandbits(200)))
print(random.getrandbits(8))
print(os.urandom(40).hex())
print(uuid.UUID(bytes=uuid.uuid4().bytes).hex[:12])
print(random.sample(range(100), 5), random.gauss(0, 1), random.shuffle([1, 2, 3]))
"""
    lines, inputs = record(tmp_path, source)
    script = str(tmp_path / "script.py")
    same = [0, 1, 2, 3, 6]
    expected = plain(tmp_path, script).stdout.splitlines()
    assert [lines[i] for i in same] == [expected[i] for i in same]
    values = [value for _, value in inputs]
    assert [repr(value) for value in values[:2]] == lines[:2]
    assert values[2] == lines[2]  # more than 64 bits
    assert str(values[3]) == lines[3]
    assert values[4].hex() == lines[4]
    assert values[5].hex()[:12] == lines[5]


def test_randomness_of_the_system(tmp_path):
    source = """
import os, ssl, uuid
print(os.getrandom(5).hex())
print(os.getrandom(size=5, flags=os.GRND_NONBLOCK).hex())
print(ssl.RAND_bytes(20).hex())
print(uuid.uuid1().bytes.hex())
print(open("/dev/urandom", "rb", buffering=0).read(6).hex())
fd = os.open("/dev/random", os.O_RDONLY)
print(os.read(fd, 7).hex())
"""
    lines, inputs = record(tmp_path, source)
    assert [name for name, _ in inputs] == [
        "os.getrandom",
        "os.getrandom",
        "ssl.RAND_bytes",
        "uuid.uuid1",
        "/dev/urandom",
        "/dev/urandom",
    ]
    assert [value.hex() for _, value in inputs] == lines


def test_clocks_of_the_system_and_what_was_used(tmp_path):
    source = """
import os, resource, time
print(repr(time.clock_gettime(time.CLOCK_MONOTONIC)))
print(time.clock_gettime_ns(time.CLOCK_PROCESS_CPUTIME_ID))
print(*os.times())
print(*os.getloadavg())
print(*resource.getrusage(resource.RUSAGE_SELF))
print(type(os.times()).__name__, type(resource.getrusage(0)).__name__)
"""
    lines, inputs = record(tmp_path, source)
    names = ["time.clock_gettime", "time.clock_gettime_ns", "os.times", "os.getloadavg"]
    names += ["resource.getrusage", "os.times", "resource.getrusage"]
    assert [name for name, _ in inputs] == names
    assert [str(value) for _, value in inputs[:5]] == lines[:5]
    assert lines[5] == "times_result struct_rusage"


def test_what_is_read_from_stdin(tmp_path):
    source = """
import sys
print(input())
print(sys.stdin.readline().strip())
print(sys.stdin.read())
print(sys.stdin.buffer.raw.read(3), sys.stdin.buffer.raw.readinto(bytearray(3)))
"""
    text = "Zoë\ntwo\nthree\n" + "x" * 20_000
    lines, inputs = record(tmp_path, source, stdin=text)
    assert {name for name, _ in inputs} == {"stdin"}
    assert b"".join(value for _, value in inputs).decode() == text
    assert lines == plain(tmp_path, str(tmp_path / "script.py"), stdin=text).stdout.splitlines()


def test_without_a_stdin_the_first_file_is_none(tmp_path):
    (tmp_path / "p.py").write_text("file = open(__file__)\nprint(file.fileno(), len(file.read()))")
    command = shlex.join([*TRACE, "run", "-o", "t.msgpack", "p.py"])
    done = subprocess.run(
        ["sh", "-c", f"{command} <&-"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "0 60\n"), done.stderr
    events = tracer.load(tmp_path / "t.msgpack").events
    assert list(events.filter(op=Op.OUTPUT))
    assert not list(events.filter(op=Op.INPUT))


def test_what_the_library_asks_for_itself_is_no_input(tmp_path):
    source = """
import copy, queue, threading
copy.deepcopy([object()])
threading.Event().wait(0.001)
threading.Lock().acquire(timeout=0.001)
try:
    queue.Queue().get(timeout=0.001)
except queue.Empty:
    pass
threading.Semaphore(0).acquire(timeout=0.001)
open("/dev/null").read()
"""
    assert record(tmp_path, source)[1] == []


def test_addresses_are_inputs_where_they_are_shown(tmp_path):
    source = """
import threading
class Plain: pass
one, event = Plain(), threading.Event()
print(hex(id(one)) in repr(one), f"{id(event):#x}" in repr(event), id(one))
print(event)
print(one.__init__)
"""
    lines, inputs = record(tmp_path, source)
    names = [name for name, _ in inputs]
    assert lines[0].startswith("True True ")
    # That of an Event asks for its `id`, and is one itself.
    assert names == ["id", "repr", "id", "id", "repr", "id", "id", "repr", "repr"]
    assert inputs[0][1] == int(lines[0].split()[-1])
    assert inputs[-1][1] == lines[2]


def test_code_that_looks_at_addresses_is_told_real_ones(tmp_path):
    source = """
import ctypes
one = ["a"]
print(ctypes.cast(id(one), ctypes.py_object).value)
"""
    lines, inputs = record(tmp_path, source)
    assert (lines, inputs) == (["['a']"], [])


def test_objects_are_hashed_by_number(tmp_path):
    source = """
import gc
class Plain: pass
class Equal(Plain):
    def __eq__(self, other): return True
    __hash__ = object.__hash__
class Own(Plain):
    def __hash__(self): return 5
objects = [kind() for kind in (Plain, Plain, Equal, Own) for _ in range(2)]
hashes = [hash(one) for one in objects]
assert hashes == [hash(one) for one in objects] and hashes[-1] == 5
assert set(objects) == set(reversed(objects)) and objects[0] in {*objects}
assert hash(objects[1]) == hash(objects[0]) + 1 and hash(objects[3]) == hash(objects[2]) + 1
assert object.__hash__(objects[0]) == hashes[0]
many = {Plain() for _ in range(1000)}
assert len(many) == 1000 and all(one in many for one in many)
del many, objects
gc.collect()
assert len({hash(Plain()) for _ in range(100)}) == 100
"""
    assert record(tmp_path, source) == ([], [])


def test_what_the_library_asks_for_the_program_is(tmp_path):
    source = """
import logging, sys
logging.basicConfig(stream=sys.stdout, format="%(created)r")
logging.warning("now")
"""
    lines, inputs = record(tmp_path, source)
    assert {name for name, _ in inputs} in ({"time.time"}, {"time.time_ns"})
    assert float(inputs[-1][1]) in (float(lines[0]), float(lines[0]) * 1e9)


@pytest.mark.parametrize(
    "call",
    [
        "datetime.datetime.now(3)",
        "datetime.datetime.now(1, 2)",
        "datetime.datetime.now(zone=None)",
        "time.localtime('x')",
        "time.localtime(1, 2)",
        "time.strftime(3)",
        "time.strftime()",
        "time.ctime(10**30)",
        "os.urandom(-1)",
        "os.urandom('x')",
        "random.getrandbits(-1)",
        "random.getrandbits(None)",
        "sys.stdin.buffer.raw.readinto(b'')",
    ],
)
def test_errors_are_the_same(tmp_path, call):
    script = tmp_path / "script.py"
    script.write_text(f"import datetime, os, random, sys, time\n{call}\n")
    recorded = run(tmp_path, str(script))
    expected = plain(tmp_path, str(script))
    assert expected.returncode == 1
    assert (recorded.status, recorded.program_stderr) == (1, expected.stderr)
