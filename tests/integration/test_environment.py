"""A replay has the variables of the environment that the program asked for, and its locale."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgpack
import pytest
import zstandard
from commandline import TRACE, environment

import tracer
from tracer.events import Op

ASKED = """
import os, threading, multiprocessing, shutil
def child(name):
    print(name, os.getenv("APP_A"), os.environ.get("APP_G"), flush=True)
def work(n):
    print(n, os.environ.get("APP_A"), os.getenv("APP_B"))
if __name__ == "__main__":
    print(os.environ.get("APP_A"), "APP_C" in os.environ, os.environb.get(b"APP_D"))
    threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for t in threads: t.start()
    for t in threads: t.join()
    print(os.environ.pop("APP_E", None), os.path.expanduser("~"), os.path.expandvars("$APP_F."))
    print(shutil.get_terminal_size().columns)
    try:
        del os.environ["APP_ABSENT"]
    except KeyError as error:
        print(error)
    os.environ["APP_SET"] = os.environ.setdefault("APP_SET_TOO", "ours")
    print(os.environ["APP_SET"])
    for method in ("fork", "spawn"):
        process = multiprocessing.get_context(method).Process(target=child, args=(method,))
        process.start()
        process.join()
"""
RECORDED = {
    "APP_A": "a",
    "APP_B": "b",
    "APP_D": "d",
    "APP_E": "e",
    "APP_F": "f",
    "APP_G": "g",
    "COLUMNS": "123",
}
OTHERS = {"APP_A": "other", "APP_C": "there", "APP_ABSENT": "there", "HOME": "/of/another"}


def trace(
    folder: Path, *words: object, without: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[str]:
    base = {name: value for name, value in environment().items() if name not in without}
    return subprocess.run(
        [*TRACE, *map(str, words)],
        cwd=folder,
        env={**base, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def recorded(tmp_path: Path, source: str, *options: str, **variables: str) -> tuple[Path, str]:
    """The trace of the program, and what it printed."""
    (tmp_path / "program.py").write_text(source)
    file = tmp_path / "t.msgpack"
    done = trace(tmp_path, "run", "-o", file, *options, "program.py", **variables)
    assert done.returncode == 0, done.stderr
    return file, done.stdout


def inputs(file: Path) -> dict[str, object]:
    events = tracer.load(file).events.filter(op=Op.INPUT)
    return {str(event.object.name): event.value for event in events if event.object}


def everything(file: Path) -> bytes:
    """What is in the blocks of the trace."""
    with file.open("rb") as opened:
        blocks = list(msgpack.Unpacker(opened, max_buffer_size=0))
    return b"".join(
        zstandard.decompress(block["data"])
        for block in blocks
        if isinstance(block, dict) and isinstance(block.get("data"), bytes)
    )


@pytest.mark.parametrize("options", [(), ("--seed", "1"), ("--no-memory",)], ids=str)
def test_what_was_asked_for_by_name_is_told_again(tmp_path, options):
    file, printed = recorded(tmp_path, ASKED, *options, **RECORDED)
    assert "a False b'd'" in printed
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    again = trace(elsewhere, "replay", "--trust", file, **OTHERS)
    assert (again.returncode, again.stdout) == (0, printed), again.stderr


def test_code_that_is_not_rewritten_is_told_again(tmp_path):
    package = tmp_path / "site-packages" / "settings"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "import os\nVALUES = os.environ['APP_A'], os.getenv('APP_C'), 'APP_D' in os.environ\n"
    )
    source = "import threading, settings\nprint(settings.VALUES)\n"
    path = str(tmp_path / "site-packages")
    file, printed = recorded(tmp_path, source, **RECORDED, PYTHONPATH=path)
    again = trace(tmp_path, "replay", file, **OTHERS)
    assert (again.returncode, again.stdout) == (0, printed), again.stderr


COPIED = """
import os, subprocess, sys
names = {**os.environ, "MINE": "1"}
dict(os.environ), os.environ.copy(), list(os.environ.items()), list(os.environ.values())
os.environ | {}, len(os.environ), sorted(os.environ), repr(os.environ)
subprocess.run([sys.executable, "-c", ""], env=names, check=True)
os.environ.update(os.environ)
os.environ.clear()
"""


def test_what_is_only_copied_is_not_kept(tmp_path):
    package = tmp_path / "site-packages" / "copying"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(COPIED)
    path = str(tmp_path / "site-packages")
    for source in (COPIED, "import copying\n"):
        file, _ = recorded(tmp_path, source, TOKEN="do not tell", PYTHONPATH=path)
        assert b"do not tell" not in everything(file)
        file.unlink()


def test_what_says_what_is_run_is_no_input(tmp_path):
    names = ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "SHELL"]
    source = f"import os\nprint([os.environ.get(name) for name in {[*names, 'APP_A']}])\n"
    file, _ = recorded(tmp_path, source, APP_A="a")
    assert inputs(file) == {"os.environ['APP_A']": "a"}


def test_what_the_program_has_set_is_no_input(tmp_path):
    source = """
import os
os.environ["APP_A"] = "own"
print(os.environ["APP_A"], os.environ.pop("APP_A"), os.environ.get("APP_A"))
os.environ.clear()
print(os.environ.get("APP_B"))
"""
    file, printed = recorded(tmp_path, source, **RECORDED)
    assert printed == "own own None\nNone\n"
    assert inputs(file) == {}


LOCALE = """
import locale
print(locale.setlocale(locale.LC_ALL, ""), locale.getlocale())
"""


@pytest.mark.parametrize(
    ("then", "now"), [({"LC_ALL": "C.UTF-8"}, {}), ({}, {"LC_ALL": "C"}), ({}, {"LANG": "C"})]
)
def test_the_locale_is_that_of_the_recording(tmp_path, monkeypatch, then, now):
    for name in ("LANG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_NUMERIC", "C.UTF-8")
    file, printed = recorded(tmp_path, LOCALE, **then)
    again = trace(tmp_path, "replay", file, without=("LC_NUMERIC",), **now)
    assert (again.returncode, again.stdout) == (0, printed), again.stderr


def test_the_working_directory_is_that_of_the_recording(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "program.py").write_text("import os\nprint(os.getcwd())\n")
    done = trace(folder, "run", "-o", "t.msgpack", "../program.py")
    again = trace(tmp_path, "replay", "in/t.msgpack")
    assert (again.returncode, again.stdout) == (0, f"{folder}\n"), again.stderr
    assert done.stdout == again.stdout
