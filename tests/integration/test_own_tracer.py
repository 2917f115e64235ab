"""Programs that have a module or package `tracer` of their own: they get it, and are recorded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TRACE, environment, invoke, plain, run

import tracer

OWN = """
import threading

hits = 0
lock = threading.Lock()

def span():
    global hits
    for _ in range(3):
        with lock:
            seen = hits
        with lock:
            hits = seen + 1
"""
THREADS = """
import threading
import tracer

def work():
    import tracer
    tracer.span()

threads = [threading.Thread(target=work, name=f"tracer-{n}") for n in range(2)]
for one in threads:
    one.start()
for one in threads:
    one.join()
place = tracer.__file__.rpartition("project")[2]
print(tracer.__name__, place, tracer.__spec__.name, threads[1].name)
"""
ITSELF = f"""{OWN}
threads = [threading.Thread(target=span) for _ in range(2)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(__name__, __file__.rpartition("project")[2], __spec__ and __spec__.name)
"""
PACKAGE = {"tracer/__init__.py": "from tracer.spans import span, lock\n", "tracer/spans.py": OWN}
MODULE = {"tracer.py": OWN}
LAYOUTS = {
    "a module beside the script": ({**MODULE, "main.py": THREADS}, ["main.py"]),
    "a package beside the script": ({**PACKAGE, "main.py": THREADS}, ["main.py"]),
    "a module beside a module": ({**MODULE, "app/__main__.py": THREADS}, ["-m", "app"]),
    "the program itself, a module": ({"tracer.py": ITSELF}, ["-m", "tracer"]),
    "the program itself, a script": ({"tracer.py": ITSELF}, ["tracer.py"]),
    "the program itself, a package": (
        {**PACKAGE, "tracer/__main__.py": THREADS},
        ["-m", "tracer"],
    ),
    "code": (MODULE, ["-c", THREADS]),
}
OPTIONS = [(), ("--seed", "1")]


def lay_out(folder: Path, files: dict[str, str]) -> Path:
    root = folder / "project"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def found(trace: tracer.Trace) -> set[str]:
    return {finding.location.name.rpartition(".")[2] for finding in trace.findings()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_is_recorded_and_found(tmp_path: Path, layout: str) -> None:
    files, command = LAYOUTS[layout]
    root = lay_out(tmp_path, files)
    expected = plain(root, *command)
    assert expected.returncode == 0, expected.stderr
    done = run(root, *command)
    assert (done.stdout, done.program_stderr) == (expected.stdout, expected.stderr)
    assert found(done.trace) == {"hits"}
    replayed = invoke(root, "replay", done.file)
    assert replayed.returncode == 0, replayed.stderr


WORKERS = """
import multiprocessing
import tracer

def work(queue):
    import tracer
    tracer.span()
    queue.put((tracer.hits, tracer.Span))

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    queue = context.Queue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    print(queue.get()[0])
    process.join()
    print(process.exitcode)
"""


@pytest.mark.parametrize("options", OPTIONS, ids=["free", "seed"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_so_are_its_processes(tmp_path: Path, method: str, options: tuple[str, ...]) -> None:
    # A class of that module travels in a pickle.
    own = f"{OWN}\nclass Span:\n    pass\n"
    root = lay_out(tmp_path, {"tracer.py": own, "main.py": WORKERS.format(method=method)})
    expected = plain(root, "main.py")
    assert expected.returncode == 0, expected.stderr
    done = run(root, "main.py", options=options)
    assert (done.stdout, done.program_stderr) == (expected.stdout, expected.stderr)
    assert [process.start_method for process in done.trace.processes] == ["", method]
    written = [event.thread.path for event in done.trace.events.filter(op="write")]
    assert {path.partition(".")[0] for path in written} == {"main", "main/p1"}
    replayed = invoke(root, "replay", done.file)
    assert replayed.returncode == 0, replayed.stderr


def test_so_are_programs_that_it_starts(tmp_path: Path) -> None:
    starts = "import subprocess, sys, tracer\nsubprocess.run([sys.executable, '-m', 'app'])\n"
    root = lay_out(tmp_path, {**MODULE, "app.py": THREADS, "main.py": starts})
    done = run(root, "main.py", options=("--follow-subprocess",))
    assert done.stdout == plain(root, "main.py").stdout
    assert found(done.trace) == {"hits"}


@pytest.mark.parametrize("command", [[sys.executable, "-m", "racetrace"], ["trace"], ["racetrace"]])
def test_the_command_is_not_taken_for_it(tmp_path: Path, command: list[str]) -> None:
    root = lay_out(tmp_path, {**MODULE, "main.py": THREADS})
    if len(command) == 1:
        command = [str(Path(sys.executable).with_name(command[0]))]
    done = subprocess.run(
        [*command, "run", "main.py"],
        cwd=root,
        env=environment(PYTHONPATH=str(root)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "trace: next: trace check traces/main.msgpack" in done.stderr
    assert done.returncode == 0


def test_the_test_suite_of_such_a_project_is_recorded(tmp_path: Path) -> None:
    test = "import subprocess, sys, tracer\nimport app\ndef test_it():\n    assert tracer.lock\n"
    root = lay_out(tmp_path, {**MODULE, "app.py": THREADS, "test_it.py": test})
    done = run(root, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in done.stdout
    assert found(done.trace) == {"hits"}


@pytest.mark.parametrize("first", ["tracer", "tracer.events", "tracer._core.record"])
def test_a_program_without_one_gets_ours_and_one_of_each_module(tmp_path: Path, first: str) -> None:
    code = (
        f"import {first}, sys, pickle, tracer, tracer.events\n"
        "from tracer import _core, Op, threading, TracerError\n"
        "import tracer.errors, racetrace.tracer.errors, racetrace.tracer.events\n"
        "assert tracer is racetrace.tracer\n"
        "assert tracer.events is racetrace.tracer.events\n"
        "assert tracer.Op is Op is racetrace.tracer.events.Op\n"
        "assert tracer.TracerError is racetrace.tracer.errors.TracerError\n"
        "assert threading is sys.modules['threading']\n"
        "assert tracer.events.__spec__.name == tracer.events.__name__\n"
        "assert type(pickle.loads(pickle.dumps(TracerError('x')))) is TracerError\n"
        "try:\n    import tracer.nothing\nexcept ModuleNotFoundError as error:\n    print(error)\n"
    )
    done = plain(tmp_path, "-c", code)
    assert (done.stdout, done.stderr) == ("No module named 'tracer.nothing'\n", "")
    recorded = run(tmp_path, "-c", code)
    assert recorded.stdout == done.stdout
    assert "findings" in recorded.stderr or "inconclusive" in recorded.stderr


def test_a_module_that_is_made_by_hand_stays(tmp_path: Path) -> None:
    code = (
        "import sys, types\n"
        "sys.modules['tracer'] = types.ModuleType('tracer')\n"
        "import tracer, concurrent.futures, multiprocessing.pool, socket\n"
        "print(concurrent.futures.ThreadPoolExecutor().submit(int, '3').result(), tracer)\n"
    )
    done = run(tmp_path, "-c", code)
    assert (done.status, done.stdout) == (0, plain(tmp_path, "-c", code).stdout)


@pytest.mark.parametrize("word", ["show", "check"])
def test_traces_are_read_in_its_folder(tmp_path: Path, word: str) -> None:
    root = lay_out(tmp_path, {**MODULE, "main.py": THREADS})
    file = run(root, "main.py").file
    done = subprocess.run(
        [*TRACE, word, file], cwd=root, env=environment(), capture_output=True, text=True
    )
    assert "hits" in done.stdout
    assert done.stderr.startswith("next: trace ")
