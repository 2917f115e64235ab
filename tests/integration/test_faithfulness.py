"""A recorded program does what it does under plain python: the same output, errors and end.

Each program of `programs/faithful` looks at what could differ, and prints it."""

from __future__ import annotations

import ctypes
import os
import py_compile
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from commandline import PROGRAMS, TRACE, environment

FAITHFUL = PROGRAMS / "faithful"
STDIN = b"one\ntwo\n"


def end_of(
    command: list[str], folder: Path, stdout: int = subprocess.PIPE, **variables: str
) -> tuple[int, bytes, bytes]:
    """The exit status, stdout and stderr, without our lines and without addresses."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment(), **variables},
        input=STDIN,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    said = [line for line in done.stderr.splitlines(True) if not line.startswith(b"trace: ")]
    texts = (done.stdout or b"", b"".join(said))
    stdout_text, stderr_text = (re.sub(rb"0x[0-9a-f]{8,}|\b1[0-9]{14}\b", b"#", t) for t in texts)
    return done.returncode, stdout_text, stderr_text


def assert_same(
    folder: Path,
    *arguments: str,
    flags: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
    **variables: str,
) -> None:
    plain = end_of([sys.executable, *flags, *arguments], folder, **variables)
    ours = [*TRACE[1:], "run", "--force", "-o", "t.msgpack", *options]
    command = [sys.executable, *flags, *ours, *arguments]
    assert end_of(command, folder, **variables) == plain
    assert (folder / "t.msgpack").exists()


@pytest.mark.parametrize("program", sorted(path.stem for path in FAITHFUL.glob("*.py")))
def test_the_program_sees_no_difference(tmp_path: Path, program: str) -> None:
    assert_same(tmp_path, str(FAITHFUL / f"{program}.py"), "--flag", "an argument")


PACKAGE = {
    "pkg/__init__.py": "print('package', __name__, __path__)",
    "pkg/__main__.py": "import sys\nfrom . import part\n"
    "print(__name__, __package__, __spec__, __file__, sys.argv, sys.path[0])\npart.fail()",
    "pkg/part.py": "import threading\ndef fail():\n    raise ValueError(__name__, __file__)",
    "single.py": "import sys, threading, inspect\n"
    "print(sys.argv, sys.path[0], __spec__, __file__)\n"
    "def f(): sys.exit(len(inspect.stack()))\nf()",
    "broken.py": "x = 1\ndef f(:\n    pass",
    "imports_broken.py": "import broken",
    "container/__main__.py": "import sys, side\nprint(sys.argv, sys.path[0], __spec__, __file__)",
    "container/side.py": "import traceback\ntraceback.print_stack()",
    "shadow/queue.py": "print('my queue', __file__)",
    "shadow/random.py": "print('my random', __file__)",
    "shadow/main.py": "import queue, random, threading\nprint(threading.__file__)",
    "odd.py": "# -*- coding: latin-1 -*-\nprint('caf\xe9')\nx = 1 is 1",
    "empty.py": "",
}
WAYS = {
    "module": ["-m", "single", "-x", "y"],
    "package": ["-m", "pkg", "a"],
    "module in a package": ["-m", "pkg.part"],
    "code": [
        "-c",
        "import sys, traceback\nprint(sys.argv, __name__)\nsys.exit(4)",
        "b",
    ],
    "folder": ["container", "c"],
    "zip": ["zipped", "d"],
    "stdin": ["-", "e"],
    "syntax error": ["broken.py"],
    "syntax error of a module": ["-m", "broken"],
    "syntax error at import": ["imports_broken.py"],
    "syntax error of code": ["-c", "x ="],
    "no such module": ["-m", "no.such"],
    "no package": ["-m", "single.part"],
    "a package without main": ["-m", "shadow"],
    "a folder without main": ["shadow"],
    "own modules with names of the library's": ["shadow/main.py"],
    "another encoding": ["odd.py"],
    "nothing": ["empty.py"],
    "up and down": ["container/../single.py"],
}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    for name, text in PACKAGE.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "latin-1")
    with zipfile.ZipFile(tmp_path / "zipped", "w") as archive:
        for part in ("__main__.py", "side.py"):
            archive.write(tmp_path / "container" / part, part)
    return tmp_path


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_run(programs: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "stdin":
        monkeypatch.setitem(globals(), "STDIN", b"import sys\nprint(sys.argv, __name__)\n1/0")
    assert_same(programs, *WAYS[way])


WRONG = {
    "not in UTF-8": b"x = 1\ns = 'caf\xe9'\n",
    "an unknown encoding": b"# coding: nonsense\nx = 1\n",
    "an encoding of no text": b"# coding: rot13\nx = 1\n",
    "not in its encoding": b"# coding: ascii\nprint('\xc3\xa9')\n",
    "two encodings": b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    "wide characters": "x = 1\n".encode("utf-16"),
    "a null character": b"x = 1\ny = 'a\0b'\n",
    "not closed": b"x = 1\ny = (\n",
    "tabs and spaces": b"def f():\n\tx\n        y\n",
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("way", ["script", "stdin", "imported"])
def test_a_source_with_something_wrong(
    tmp_path: Path, way: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = WRONG[wrong].startswith(b"# coding:")
    if way == "stdin" and declared and sys.version_info >= (3, 14):
        pytest.skip("since 3.14 plain Python fails to seek in a pipe there")
    (tmp_path / "wrong.py").write_bytes(WRONG[wrong])
    (tmp_path / "imports.py").write_text("import threading, wrong")
    monkeypatch.setitem(globals(), "STDIN", WRONG[wrong])
    assert_same(tmp_path, {"script": "wrong.py", "stdin": "-", "imported": "imports.py"}[way])


FLAGS = {
    "optimized": ("-O",),
    "all at once": ("-Bsu", "-X", "dev", "-W", "error::UserWarning", "-Wignore::ImportWarning"),
    "isolated": ("-I", "-OO"),
    "safe path": ("-P", "-X", "utf8=0", "-Xint_max_str_digits=700"),
}


@pytest.mark.parametrize("flags", FLAGS)
def test_the_flags_of_the_interpreter(tmp_path: Path, flags: str) -> None:
    assert_same(tmp_path, str(FAITHFUL / "main_module.py"), flags=FLAGS[flags])


VARIABLES = {
    "PYTHONOPTIMIZE": "1",
    "PYTHONWARNINGS": "ignore::DeprecationWarning,error::UserWarning",
    "PYTHONDEVMODE": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONINTMAXSTRDIGITS": "800",
    "PYTHONIOENCODING": "latin-1",
}


@pytest.mark.parametrize("variable", ["PYTHONSAFEPATH", "all but that"])
def test_the_variables_of_the_interpreter(tmp_path: Path, variable: str) -> None:
    chosen = {k: v for k, v in VARIABLES.items() if (k == "PYTHONSAFEPATH") == (k == variable)}
    assert_same(tmp_path, str(FAITHFUL / "main_module.py"), **chosen)


@pytest.mark.parametrize("text", ["print('x' * 100)", "print('x' * 100000)\nprint('more')"])
def test_nobody_reads_what_it_prints(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.py").write_text(text)

    def end(*command: str) -> tuple[int, bytes, bytes]:
        read, write = os.pipe()
        os.close(read)
        try:
            return end_of([*command, "p.py"], tmp_path, stdout=write)
        finally:
            os.close(write)

    assert end(*TRACE, "run", "-o", "t.msgpack") == end(sys.executable)


@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
def test_a_standard_stream_is_closed(tmp_path: Path, closed: str) -> None:
    (tmp_path / "p.py").write_text(
        "import os, sys, threading\nprint('out')\nprint('err', file=sys.stderr)\n"
        "thread = threading.Thread(target=print, args=('x',))\nthread.start()\nthread.join()\n"
        "seen = os.open('/dev/null', 0), sys.stdin, sys.stdout, sys.stderr\n"
        "with open('seen', 'w') as file:\n    print(*seen, file=file)"
    )

    def end(command: list[str]) -> tuple[object, ...]:
        shell = ["sh", "-c", f'exec "$@" p.py {closed}', "sh", *command]
        return *end_of(shell, tmp_path), (tmp_path / "seen").read_text()

    assert end([*TRACE, "run", "-o", "t.msgpack"]) == end([sys.executable])


def without_privilege() -> None:
    """In a child that is to become a program: root, too, reads only what its permissions allow."""
    drop = ctypes.CDLL(None, use_errno=True).prctl
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if drop(24, capability, 0, 0, 0) != 0 and os.geteuid() == 0:  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "PR_CAPBSET_DROP")


@pytest.mark.parametrize("source", ["unreadable", "none"])
def test_a_module_whose_source_cannot_be_had(tmp_path: Path, source: str) -> None:
    (tmp_path / "p.py").write_text("import hidden; print(hidden.__file__, hidden.n)")
    module = tmp_path / "hidden.py"
    module.write_text("n = 1\nn += 1\n")
    if source == "none":
        py_compile.compile(str(module), cfile=str(tmp_path / "hidden.pyc"))
        module.unlink()
        said = (
            b"hidden.pyc could not be rewritten and runs without memory accesses recorded: it has"
        )
    else:
        py_compile.compile(str(module))
        module.chmod(0)
        said = b"hidden.py could not be rewritten and runs without memory accesses recorded: its"
    ours = ["run", "-o", "t.msgpack"]
    runs = [
        subprocess.run(
            [*command, "p.py"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            preexec_fn=without_privilege,
            timeout=60,
        )
        for command in ([sys.executable], [*TRACE, *ours])
    ]
    assert runs[0].returncode == runs[1].returncode == 0
    assert runs[0].stdout == runs[1].stdout
    (line,) = [line for line in runs[1].stderr.splitlines() if b"rewritten" in line]
    assert line.startswith(b"trace: note: ")
    assert said in line
