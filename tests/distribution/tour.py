"""The commands of the README, in an environment that has nothing but a wheel and pytest."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

README = Path(__file__).parents[2] / "README.md"

INCREMENTS = """
import threading

num = 0


def work():
    global num
    for _ in range(3):
        num += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(num)
"""
PART = """
import race
import tracer

with tracer.record("x.msgpack", force=True):
    race.main()

trace = tracer.load("x.msgpack")
for finding in trace.findings():
    print(finding.explanation)
"""
TEST = """
import threading

import pytest

num = 0


def work():
    global num
    taken = num
    num = taken + 1


def run_threads():
    global num
    num = 0
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.trace
def test_transfers():
    run_threads()


def test_counter(trace_recorder):
    with trace_recorder:
        run_threads()
    assert trace_recorder.trace.findings() == []
"""
SETTINGS = """
[tool.racetrace]
traces = "build/traces"
timeout = 60
"""


class Failed(Exception):
    """Something is not what it should be, or did not do what the README says."""


class Tour:
    """A fresh environment with the wheel, and a folder to work in."""

    def __init__(self, wheel: Path, python: Path, folder: Path) -> None:
        self.bin = folder / "venv" / "bin"
        self.work = folder / "work"
        self.work.mkdir()
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self.environ["PATH"] = f"{self.bin}:/usr/bin:/bin"
        self.taken: list[str] = []
        # Debian's Pythons have no pip to put into an environment: ours installs there.
        subprocess.run([python, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        pip = [sys.executable, "-m", "pip", "--python", self.bin / "python"]
        install = [*pip, "--disable-pip-version-check", "install", "-q", wheel.resolve(), "pytest"]
        subprocess.run(install, check=True)
        self.taken.append("pip install racetrace")

    def write(self, name: str, text: str) -> Path:
        file = self.work / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def run(self, command: str, *, status: int = 0, says: str = "", stdin: str = "") -> str:
        """Run a line of the README; its output."""
        self.taken.append(command)
        done = subprocess.run(
            command.split(),
            cwd=self.work,
            env=self.environ,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        if done.returncode != status or not re.search(says, done.stdout):
            wanted = f"{status}, and {says!r}"
            raise Failed(f"$ {command}\n{done.stdout}exit status {done.returncode}, not {wanted}")
        return done.stdout

    def take(self) -> None:
        """All that the README says. Raises Failed if it says something that is not tried here."""
        self._record_and_look()
        self._replay()
        self._tests()
        self._options()
        missed = [line for line in commands(README.read_text()) if line not in self.taken]
        if missed:
            raise Failed(f"commands of the README that were not tried: {', '.join(missed)}")

    def _record_and_look(self) -> None:
        program = re.search(
            r"```python\n(import threading, time\n.*?)```", README.read_text(), re.S
        )
        assert program is not None
        self.write("race.py", program[1])
        self.run("trace run race.py", says=r"final \d+\n(.*\n)*trace: Lost update on num")
        self.run("trace check traces/race.msgpack", status=1, says="Lost update on global `num`")
        self.run("trace show traces/race.msgpack", says=r"read num → 100")
        self.run("trace show traces/race.msgpack --graph race.svg", says=r"graph: race\.svg")
        picture = ElementTree.parse(self.work / "race.svg").getroot()
        if not any("Lost update on num" in text for text in picture.itertext()):
            raise Failed("race.svg does not say what was found")
        self.run("trace show traces/race.msgpack --graph", says="graph: ")
        if not shutil.which("dot", path=self.environ["PATH"]):
            picture = "trace show traces/race.msgpack --graph race.png"
            self.run(picture, status=2, says=r"racetrace\[graph\]")
        self.run("racetrace run -o A.msgpack race.py", says="trace: A.msgpack: ")
        self.run("python -m racetrace run -o B.msgpack race.py", says="trace: B.msgpack: ")
        self.run("trace diff A.msgpack B.msgpack", status=1, says="diverge|differ")
        self.run("python -m tracer --version", says=r"^trace, version \d")

    def _replay(self) -> None:
        replay = "trace replay traces/race.msgpack"
        self.run(replay, says="as recorded")
        self.run(f"{replay} --times 3", says="replay 3 of 3: .* as recorded")
        self.run(f"{replay} --record again.msgpack", says="as recorded")
        stops = f"{replay} --from-finding 1"
        self.run(stops, says=r"stopped before event \d+: Thread-\d+ \(work\) write num ← \d+")
        self.run(f"{stops} --pdb", stdin="p taken, num\nback\nq\n", says=r"\(\d+, \d+\)")
        self.write("increments.py", INCREMENTS)
        self.run("trace run --seed 2 increments.py", says="controlled: random, seed 2, ")
        self.run("trace run --strategy pct --depth 3 increments.py", says="controlled: pct, ")
        self.run("trace replay traces/increments.msgpack --follow", says="as recorded")

    def _tests(self) -> None:
        self.write("test_race.py", TEST)
        pytest = "pytest -p no:cacheprovider"
        self.run(f"{pytest} test_race.py", status=1, says="1 test recorded: 1 with findings")
        (kept,) = (self.work / "failed-traces").iterdir()
        self.run(f"trace replay failed-traces/{kept.name}", says="as recorded")
        self.run("trace check --save-expected traces/race.msgpack", says="1 kept")
        self.run("pytest --traces traces/", says="1 passed")
        self.run("trace check --save-expected --fixed traces/race.msgpack", says="1 kept")
        self.run("pytest --traces traces/", status=1, says="still there: Lost update on num")
        racy = (self.work / "race.py").read_text()
        lines = "    taken = num\n    time.sleep(0.001)\n    num = taken - 1\n"
        locked = "    with lock:\n    " + lines.replace("\n    ", "\n        ")
        self.write(
            "race.py",
            racy.replace(lines, locked).replace("num = 100", "num = 100\nlock = threading.Lock()"),
        )
        self.run("pytest --traces traces/", says="1 passed")
        self.write("race.py", racy)

    def _options(self) -> None:
        racy = (self.work / "race.py").read_text()
        head, threads = racy.split("threads = [", 1)
        body = f"threads = [{threads}".replace("\n", "\n    ")
        self.write("part/race.py", f"{head}def main():\n    {body}")
        self.write("part/part.py", PART)
        self.run("python part/part.py", says="Lost update on global `race.num`")
        self.write("settings/pyproject.toml", SETTINGS)
        self.write("settings/race.py", racy)
        self.run("env -C settings trace run race.py", says="/settings/build/traces/race.msgpack: ")
        # A program's own module of our name is its own.
        self.write("own/tracer.py", INCREMENTS.replace("num += 1", "num = num + 1"))
        self.write("own/main.py", "import tracer\nprint(tracer.__file__)\n")
        self.run(
            "trace run -o own.msgpack own/main.py",
            says=r"6\n.*own/tracer.py\n(.*\n)*trace: Lost update on tracer.num",
        )


def commands(readme: str) -> Iterator[str]:
    """The commands in the README's blocks, without their comments; those of a checkout left out."""
    for line in readme.splitlines():
        if found := re.match(r"    (?:\$ )?((?:pip|pytest|python|racetrace|trace) .*)", line):
            yield re.split(r" +#", found[1])[0].strip()
