"""To replay a trace is to run a program: a stranger's is not run unasked."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import msgpack
import pytest
import zstandard
from commandline import TRACE, environment, invoke

pytestmark = pytest.mark.one_version

RACE = """
import os, sys, threading
n = 0
def work():
    global n
    n += 1
threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads: t.start()
for t in threads: t.join()
print(n, sys.argv[1:], file=open("ran", "w"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "race.py").write_text(RACE)
    return folder


@pytest.fixture
def stranger(tmp_path: Path) -> dict[str, str]:
    """The environment of another user: who has another key."""
    return {"XDG_STATE_HOME": str(tmp_path / "of another user")}


def record(project: Path, *words: str, **variables: str) -> Path:
    done = invoke(project, "run", "--force", "-o", "t.msgpack", *words, **variables)
    assert done.returncode == 0, done.stderr
    (project / "ran").unlink(missing_ok=True)
    return project / "t.msgpack"


def with_header(file: Path, **fields: object) -> Path:
    """The trace with other fields in its header."""
    blocks = list(msgpack.Unpacker(file.open("rb"), max_buffer_size=0))
    header = msgpack.unpackb(zstandard.decompress(blocks[0]["data"]))
    payload = msgpack.packb({**header, **fields}, unicode_errors="surrogatepass")
    data = zstandard.compress(payload)
    import zlib

    blocks[0] |= {"size": len(payload), "crc32": zlib.crc32(data), "data": data}
    file.write_bytes(b"".join(map(msgpack.packb, blocks)))
    return file


def runs(project: Path, *options: str, **variables: str) -> str:
    done = invoke(project, "replay", *options, "t.msgpack", **variables)
    assert (project / "ran").exists(), done.stderr
    (project / "ran").unlink()
    assert done.returncode == 0, done.stderr
    return done.stderr


def refuses(project: Path, *options: str, **variables: str) -> str:
    done = invoke(project, "replay", *options, "t.msgpack", **variables)
    assert not (project / "ran").exists()
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("trace: error: t.msgpack runs "), done.stderr
    assert done.stderr.endswith("; --trust runs it\n")
    assert done.stderr.count("\n") == 1
    return done.stderr


PROGRAMS = (["race.py", "x"], ["-m", "race"], ["-c", "import race"])


@pytest.mark.parametrize("words", PROGRAMS)
def test_what_was_recorded_here_is_run_and_shown(project, words):
    record(project, *words)
    assert f"trace: runs python {words[0]} " in runs(project)
    # Also when it has been changed.
    (project / "race.py").write_text(RACE + "\n")
    runs(project)


def test_a_program_of_this_checkout_is_run(project, stranger):
    record(project, "race.py", "x")
    assert "trace: runs python race.py x\n" in runs(project, **stranger)
    record(project, "-m", "race")
    runs(project, **stranger)


def test_another_content_is_not_that_program(project, stranger):
    record(project, "race.py")
    (project / "race.py").write_text(RACE + "\n")
    assert "race.py is not what was recorded; " in refuses(project, **stranger)
    runs(project, "--follow", **stranger)
    runs(project, "--trust", **stranger)


def test_the_lines_of_an_older_trace_are_its_content(project, stranger):
    with_header(record(project, "race.py"), content=None)
    runs(project, **stranger)
    (project / "race.py").write_text("\n" + RACE)
    refuses(project, **stranger)


def test_code_in_a_trace_is_not_run(project, stranger):
    record(project, "-c", "import race")
    assert "runs python -c 'import race': it was not recorded here" in refuses(project, **stranger)
    runs(project, "--trust", **stranger)


def test_a_changed_command_is_not_what_was_recorded_here(project):
    with_header(record(project, "-c", "import race"), argv=["-c", "import race #"])
    refuses(project)
    with_header(record(project, "race.py"), environment={"PYTHONPATH": "/tmp"})
    assert "runs PYTHONPATH=/tmp python race.py: " in refuses(project)


@pytest.mark.parametrize("module", ["timeit", "os.path", "no.such", "../race"])
def test_an_installed_module_is_not_of_this_checkout(project, stranger, module):
    with_header(record(project, "-m", "race"), argv=["-m", module], program=module)
    assert "is no file of this checkout" in refuses(project, **stranger)


def test_a_program_elsewhere_is_not_run(project, stranger, tmp_path):
    record(project, "race.py")
    evil = tmp_path / "evil"
    evil.mkdir()
    shutil.copy(project / "race.py", evil / "evil.py")
    for name in (evil / "evil.py", "../evil/evil.py"):
        with_header(project / "t.msgpack", argv=[str(name)], program=str(name))
        assert f"is not below {project}" in refuses(project, **stranger)
    (project / "link.py").symlink_to(evil / "evil.py")
    with_header(project / "t.msgpack", argv=["link.py"], program="link.py")
    assert f"is not below {project}" in refuses(project, **stranger)


def test_options_of_the_interpreter_and_of_pytest_are_no_way_in(project, stranger):
    part = "import tracer, race\nwith tracer.record('t.msgpack', force=True): race.main()\n"
    (project / "race.py").write_text(
        "def main():\n"
        + "".join(f"    {x}\n" for x in RACE.split("\n")).replace(
            "    def work():\n        global n", "    def work():\n        nonlocal n"
        )
    )
    (project / "part.py").write_text(part)
    subprocess.run([sys.executable, "part.py"], cwd=project, check=True)
    (project / "ran").unlink()
    runs(project, **stranger)
    for flags in (["-Xpycache_prefix=/tmp"], ["-X", "pycache_prefix=/tmp"], ["-Werror::a.b"]):
        with_header(project / "t.msgpack", command=[*flags, "part.py"])
        assert f"has the option {flags[-1]}; " in refuses(project, **stranger)


def test_variables_never_run_anything(project, tmp_path, stranger):
    """Not even where the program is trusted."""
    for name in ("usercustomize", "sitecustomize", "evil"):
        (tmp_path / f"{name}.py").write_text("open('evil', 'w')\n")
    with_header(
        record(project, "race.py"),
        environment={
            "LD_PRELOAD": str(tmp_path / "evil.so"),
            "PATH": str(tmp_path),
            "PYTHONSTARTUP": str(tmp_path / "evil.py"),
            "PYTHONHOME": str(tmp_path),
            "PYTHONBREAKPOINT": "evil.x",
            "PYTHONWARNINGS": "error::evil.Warning",
            "PYTHONINSPECT": "1",
        },
    )
    assert "ERROR: ld.so" not in runs(project, **stranger)
    assert not (project / "evil").exists()
    with_header(project / "t.msgpack", environment={"PYTHONPATH": str(tmp_path)})
    assert f"{tmp_path} is not below {project}" in refuses(project, **stranger)
    assert f"runs PYTHONPATH={tmp_path} python" in runs(project, "--trust", **stranger)


def test_neither_a_home_nor_the_root_is_a_checkout(project, stranger):
    record(project, "race.py")
    refuses(project, HOME=str(project), **stranger)
    done = invoke(Path("/"), "replay", project / "t.msgpack", **stranger)
    assert "the working directory is that of no checkout" in done.stderr


@pytest.mark.parametrize(("answer", "ran"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_asks(project, stranger, answer, ran):
    record(project, "-c", "import race")
    main, side = pty.openpty()
    with os.fdopen(main, "r+b", buffering=0) as terminal:
        asked = subprocess.Popen(
            [*TRACE, "replay", "t.msgpack"],
            cwd=project,
            env={**environment(), **stranger},
            stdin=side,
            stdout=side,
            stderr=side,
        )
        said = b""
        while b"run it? [y/N]: " not in said:
            said += terminal.read(1000)
        assert b"trace: runs python -c 'import race'" in said
        terminal.write(answer.encode())
        status = asked.wait(60)
        os.close(side)
    assert (project / "ran").exists() == ran
    assert status == (0 if ran else 2)


def test_pytest_runs_what_lies_below_its_root(project, stranger):
    (project / "pytest.ini").write_text("[pytest]\ntraces = .\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]

    def tested(*options: str) -> str:
        done = subprocess.run(
            [*command, *options],
            cwd=project,
            env={**environment(), **stranger},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.stdout

    record(project, "race.py")
    invoke(project, "check", "--save-expected", "t.msgpack")
    # An edited program of the suite's own is no stranger's.
    (project / "race.py").write_text(RACE + "\n")
    assert "1 passed" in tested()
    record(project, "-c", "import race")
    invoke(project, "check", "--save-expected", "t.msgpack")
    assert (
        "t.msgpack: it cannot be replayed: it was not recorded here, and is no file of" in tested()
    )
    assert not (project / "ran").exists()
    assert "1 passed" in tested("--trust-traces")
