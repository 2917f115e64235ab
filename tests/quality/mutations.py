"""Damaged and hostile traces through every command: each ends with a documented status, in bounded
time and memory, and says what is wrong in one line.

    python tests/quality/mutations.py --count 3000 --seed 1

makes so many files of recorded ones by changing bytes, or values under right checksums, or files of
a spool, and prints a table of how the commands ended; the files that were too much are kept.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import msgpack
import zstandard

COMMANDS = (
    ("show",),
    ("show", "--full"),
    ("show", "--format", "json"),
    ("show", "--format", "dot"),
    ("show", "--thread", "main"),
    ("show", "--around", "5"),
    ("check",),
    ("check", "--format", "json"),
    ("replay",),
    ("replay", "--until", "3"),
    ("diff",),
)
STATUSES = frozenset({0, 1, 2, 3})
MEMORY = 768 << 20  # bytes of address space, of which the interpreter and its libraries have 400
SECONDS = 10  # of processor time

PROGRAMS = {
    "race": """
import threading
n, d, lock = 0, {"k": 1}, threading.Lock()
def work():
    global n
    n += 1
    with lock: d["k"] += 1
threads = [threading.Thread(target=work, name=f"w{i}") for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(n, "ö")
""",
    "queues": """
import queue, threading
q, stop = queue.Queue(), threading.Event()
def take():
    while not stop.is_set() or q.qsize(): q.get(timeout=1); q.task_done()
t = threading.Thread(target=take); t.start()
for i in range(5): q.put((i, "x"))
stop.set(); q.put(None); t.join(2)
raise SystemExit(3)
""",
    "processes": """
import multiprocessing
def work(v, q):
    v.value += 1
    q.put(v.value)
if __name__ == "__main__":
    c = multiprocessing.get_context("fork")
    v, q = c.Value("i", 0), c.Queue()
    ps = [c.Process(target=work, args=(v, q)) for _ in range(2)]
    for p in ps: p.start()
    print(q.get() + q.get())
    for p in ps: p.join()
""",
}


def record(folder: Path) -> list[Path]:
    """Traces of the programs, free and under a seed."""
    files = []
    for name, program in PROGRAMS.items():
        (folder / f"{name}.py").write_text(program)
        for options in ([], ["--seed", "3"]):
            file = folder / f"{name}{len(options)}.msgpack"
            command = [sys.executable, "-m", "racetrace", "run", "-o", str(file), *options]
            subprocess.run(
                [*command, f"{name}.py"], cwd=folder, capture_output=True, timeout=120, check=False
            )
            files.append(file)
    return files


WILD: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 2, 7, 255, 256, 2**16, 2**31, 2**32 - 1, 2**32, 2**63 - 1, -(2**63)),
    *(
        0.5,
        float("nan"),
        float("inf"),
        "",
        "x",
        "\x1b[2J",
        "\u202e\n",
        "a" * 300,
        "..",
        "/dev/zero",
    ),
    *(
        b"",
        b"\xff\xfe",
        [],
        {},
        [1],
        {"a": 1},
        "main",
        "main/p1",
        "1:2-3:x",
        "task",
        "script",
        "-c",
    ),
)


def changed(value: Any, rng: random.Random, depth: int = 0) -> Any:
    """The value with one part of it another."""
    if depth < 6 and rng.random() < 0.9:
        if isinstance(value, list) and value:
            copy = list(value)
            place = rng.randrange(len(copy))
            match rng.randrange(8):
                case 0:
                    del copy[place]
                case 1:
                    copy.insert(place, copy[rng.randrange(len(copy))])
                case _:
                    copy[place] = changed(copy[place], rng, depth + 1)
            return copy
        if isinstance(value, dict) and value:
            copy = dict(value)
            key = rng.choice(list(copy))
            if rng.random() < 0.1:
                del copy[key]
            else:
                copy[key] = changed(copy[key], rng, depth + 1)
            return copy
    # Mostly of the same type: what is of another is refused early.
    alike = [one for one in WILD if type(one) is type(value)]
    if rng.random() < 0.85 and isinstance(value, bool):
        return not value
    if rng.random() < 0.5 and isinstance(value, int) and abs(value) < 2**62:
        return value + rng.choice((-1, 1, 1, 2, 100))
    return rng.choice(alike if alike and rng.random() < 0.85 else WILD)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The file with some of it changed."""
    if rng.random() < 0.15:
        place = rng.randrange(len(data))
        noise = rng.randbytes(rng.choice((1, 2, 8)))
        return data[:place] + noise + data[place + rng.choice((0, len(noise))) :]
    blocks = list(msgpack.Unpacker(BytesIO(data), strict_map_key=False))
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        block = rng.choice([*blocks, blocks[0]])
        payload = zstandard.decompress(block["data"])
        if rng.random() < 0.2:
            raw = bytearray(payload)
            raw[rng.randrange(len(raw))] = rng.randrange(256)
            payload = bytes(raw)
        else:
            try:
                whole = msgpack.unpackb(
                    payload, strict_map_key=False, unicode_errors="surrogatepass"
                )
            except (ValueError, msgpack.UnpackException):
                continue  # its bytes were changed before
            whole = changed(whole, rng)
            payload = msgpack.packb(whole, unicode_errors="surrogatepass")
            if isinstance(whole, list):
                block["n"] = len(whole)
        packed = zstandard.compress(payload)
        block.update(size=len(payload), crc32=zlib.crc32(packed), data=packed)
    return b"".join(map(msgpack.packb, blocks))


def mutate_spool(spool: Path, rng: random.Random) -> None:
    """Change some of the files of a spool."""
    for _ in range(rng.choice((1, 1, 2, 6))):
        file = rng.choice(sorted(spool.iterdir()))
        data = bytearray(file.read_bytes())
        used = len(bytes(data).rstrip(b"\0")) or 1
        match rng.randrange(6):
            case 0:
                file.unlink()
                (spool / f"p{rng.randrange(4)}.t{rng.randrange(4)}.events").touch()
                continue
            case 1:
                data = data[: rng.randrange(len(data) + 1)]
            case _:
                for _ in range(rng.choice((1, 4, 30))):
                    if data:
                        data[rng.randrange(min(used, len(data)))] = rng.choice(
                            (0, 255, rng.randrange(256))
                        )
        file.write_bytes(data)


@dataclass
class Ended:
    """How a command ended on a file: its status, negative for a signal; its stderr; seconds of the
    processor's, and the bytes of memory that it had at most."""

    status: int
    stderr: str
    seconds: float
    memory: int

    @property
    def fault(self) -> str | None:
        """What is wrong with that; None if nothing is."""
        if self.status == -signal.SIGXCPU:
            return "too long"
        if self.status < 0:
            return f"signal {-self.status}"
        if self.status not in STATUSES:
            return f"status {self.status}"
        if "Traceback" in self.stderr or "panicked" in self.stderr:
            return "traceback"
        errors = [x for x in self.stderr.splitlines() if x.startswith("trace: error: ")]
        if self.status in (2, 3) and len(errors) > 1:
            return "several lines"
        return None


# A process that is forked from one that is large has its memory: these come from a small one.
_SMALL = multiprocessing.get_context("forkserver")
_SMALL.set_forkserver_preload([f"tracer.commands.{name}" for name in ("check", "diff", "show")])


def run(folder: Path, words: tuple[str, ...]) -> Ended:
    """Run a command in a process of its own, with bounds on memory and time."""
    child = _SMALL.Process(target=_become, args=(folder, words))
    child.start()
    child.join()
    assert child.exitcode is not None
    stderr = (folder / "stderr").read_text(errors="replace")
    with suppress(FileNotFoundError):  # of a process that a signal has killed
        seconds, kilobytes = json.loads((folder / "used").read_text())
        return Ended(child.exitcode, stderr, seconds, kilobytes << 10)
    return Ended(child.exitcode, stderr, 0.0, 0)


def _become(folder: Path, words: tuple[str, ...]) -> None:
    status = 70
    used = folder.absolute() / "used"
    used.unlink(missing_ok=True)
    try:
        os.chdir(folder)
        for number, name in ((1, "stdout"), (2, "stderr")):
            file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))
        os.environ["XDG_STATE_HOME"] = "/nonexistent"
        sys.argv = ["trace", *words]
        from tracer.commands import group

        try:
            status = group.call(interruptible=False)
        except SystemExit as request:
            status = request.code if isinstance(request.code, int) else 70
        except BaseException:
            import traceback

            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        spent = resource.getrusage(resource.RUSAGE_SELF)
        used.write_text(json.dumps([spent.ru_utime + spent.ru_stime, spent.ru_maxrss]))
    finally:
        os._exit(status)


@dataclass
class Tally:
    """What came of it: how often which command ended with which status, and what was wrong."""

    files: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    slowest: float = 0.0


def try_out(count: int, seed: int, keep: Path | None = None) -> Tally:
    """Make `count` files, and run all commands on each."""
    from tracer.commands import check, diff, recover, replay, show  # noqa: F401
    from tracer.replaying import trust  # noqa: F401

    rng = random.Random(seed)
    tally = Tally()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        originals = record(folder)
        place = folder / "elsewhere"
        place.mkdir()
        for number in range(count):
            original = rng.choice(originals)
            for words in _prepared(place, original, rng):
                ended = run(place, words)
                tally.statuses[words[0], ended.status] += 1
                tally.slowest = max(tally.slowest, ended.seconds)
                if fault := ended.fault:
                    tally.faults.append((fault, " ".join(words), ended.stderr[-1500:]))
                    if keep is not None:
                        keep.mkdir(exist_ok=True)
                        shutil.copy(place / "t.msgpack", keep / f"{seed}-{number}.msgpack")
            tally.files += 1
    return tally


def _prepared(place: Path, original: Path, rng: random.Random) -> Iterator[tuple[str, ...]]:
    """Makes a file in the folder, and gives the commands to be run on it."""
    if rng.random() < 0.15:
        spool = place / "s.msgpack.spool"
        shutil.rmtree(spool, ignore_errors=True)
        _spool(spool, rng)
        mutate_spool(spool, rng)
        yield ("recover", "--force", "-o", "t.msgpack", spool.name)
        if not (place / "t.msgpack").exists():
            return
    else:
        (place / "t.msgpack").write_bytes(mutated(original.read_bytes(), rng))
    for words in COMMANDS:
        yield (*words, "t.msgpack", *([str(original)] if words == ("diff",) else []))


SAMPLES = Path(__file__).parents[1] / "unit" / "fileformat"


def _spool(path: Path, rng: random.Random) -> None:
    if str(SAMPLES) not in sys.path:
        sys.path.insert(0, str(SAMPLES))
    from samples import random_spool

    random_spool(path, 60, rng.randrange(1000))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    tally = try_out(chosen.count, chosen.seed, chosen.keep)
    print(f"{tally.files} files, the slowest command {tally.slowest:.1f} s")
    for (command, status), times in sorted(tally.statuses.items()):
        print(f"  {command:8} ended with {status:3}: {times}")
    for (fault, command), times in Counter(x[:2] for x in tally.faults).items():
        print(f"  {fault}: {command}: {times}")
    for _, command, said in tally.faults[:20]:
        print(f"--- {command}\n{said}")
    sys.exit(bool(tally.faults))


if __name__ == "__main__":
    main()
