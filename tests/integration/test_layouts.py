"""Everyday layouts of projects: the program's own code is recorded without an option, wherever it
lies, and installed code is not.

Each layout has a counter that threads increment, in one module of the project, with a lock or
without one: the race must be found, and the program without one must be clean.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest
from commandline import TRACE, environment

import tracer

RACY = """
import threading
total = 0
def add():
    global total
    for _ in range(3):
        total += 1
def main():
    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""
RIGHT = RACY.replace("total = 0", "total, lock = 0, threading.Lock()", 1).replace(
    "        total += 1", "        with lock: total += 1"
)
START = "from shop.stock import main\nmain()\n"
GUARDED = "from shop.stock import main\nif __name__ == '__main__': main()\n"


@dataclass(frozen=True)
class Layout:
    """A project: its files (COUNTER stands for the module with the counter), how it is run from its
    folder, and what its Python is told of it: lines of a .pth file, folders of PYTHONPATH, files
    among the installed packages."""

    files: dict[str, str]
    command: tuple[str, ...]
    pth: str = ""
    path: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()


COUNTER = "COUNTER"
FINDER = """
import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
MAPPING = {'shop': 'ROOT/code/shop'}
class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            file = Path(MAPPING[fullname], '__init__.py')
            return spec_from_file_location(fullname, file)
def install():
    sys.meta_path.append(_EditableFinder)
"""
SCRIPT = """#!PYTHON
import sys
from shop.stock import main
if __name__ == '__main__':
    sys.exit(main())
"""
CELLS = """
import pathlib
namespace = {'__name__': '__main__'}
for number, cell in enumerate(pathlib.Path('book.txt').read_text().split('# cell')):
    exec(compile(cell, f'<cell {number}>', 'exec'), namespace)
"""
PACKAGE = {"shop/__init__.py": "", "shop/stock.py": COUNTER}
SRC = {"src/shop/__init__.py": "", "src/shop/stock.py": COUNTER}

LAYOUTS = {
    "a script": Layout({"run.py": COUNTER + "\nmain()"}, ("run.py",)),
    "a module beside the script": Layout(
        {"stock.py": COUNTER, "run.py": "import stock\nstock.main()"}, ("run.py",)
    ),
    "a package beside the script": Layout({**PACKAGE, "run.py": START}, ("run.py",)),
    "-m package": Layout({**PACKAGE, "shop/__main__.py": START}, ("-m", "shop")),
    "-m package.module": Layout(
        {"shop/__init__.py": "", "shop/stock.py": COUNTER + "\nmain()"}, ("-m", "shop.stock")
    ),
    "-c": Layout(PACKAGE, ("-c", START)),
    "a folder with __main__": Layout(
        {"app/__main__.py": "import stock\nstock.main()", "app/stock.py": COUNTER}, ("app",)
    ),
    "a script in a subfolder that imports from the root": Layout(
        {
            **PACKAGE,
            "scripts/run.py": "import os, sys\n"
            "sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n"
            + START,
        },
        ("scripts/run.py",),
    ),
    "PYTHONPATH": Layout(
        {"lib/shop/__init__.py": "", "lib/shop/stock.py": COUNTER, "bin/run.py": START},
        ("bin/run.py",),
        path=("lib",),
    ),
    "PYTHONPATH in another folder": Layout(
        {"../elsewhere/shop/stock.py": COUNTER, "run.py": START},
        ("run.py",),
        path=("../elsewhere",),
    ),
    "src, editable by a path": Layout({**SRC, "tests/run.py": START}, ("tests/run.py",), pth="src"),
    "src, editable, -m": Layout(
        {**SRC, "src/shop/__main__.py": START}, ("-m", "shop"), pth="ROOT/src"
    ),
    "editable by a finder": Layout(
        {"code/shop/__init__.py": "", "code/shop/stock.py": COUNTER, "tests/run.py": START},
        ("tests/run.py",),
        pth="import __editable___shop_finder; __editable___shop_finder.install()",
        installed=("__editable___shop_finder.py",),
    ),
    "a console script": Layout(SRC, ("BIN/shop",), pth="ROOT/src"),
    "a namespace package": Layout(
        {"shop/stock.py": COUNTER, "run.py": START},
        ("run.py",),
    ),
    "a namespace package of two folders": Layout(
        {
            "one/firm/shop/stock.py": COUNTER,
            "two/firm/other.py": "from firm.shop.stock import main",
            "run.py": "from firm.other import main\nmain()",
        },
        ("run.py",),
        pth="ROOT/one\nROOT/two",
    ),
    "a module called as one of the standard library": Layout(
        {"statistics.py": COUNTER, "run.py": "import statistics\nstatistics.main()"}, ("run.py",)
    ),
    "manage.py": Layout(
        {
            "shop/__init__.py": "",
            "shop/stock.py": COUNTER,
            "shop/settings.py": "APPS = ['shop.stock']",
            "manage.py": "import importlib, os, sys\n"
            "os.environ.setdefault('SHOP_SETTINGS', 'shop.settings')\n"
            "if __name__ == '__main__':\n"
            "    settings = importlib.import_module(os.environ['SHOP_SETTINGS'])\n"
            "    for app in settings.APPS: getattr(importlib.import_module(app), sys.argv[1])()\n",
        },
        ("manage.py", "main"),
    ),
    "runpy, a module": Layout(
        {"stock.py": COUNTER + "\nmain()", "run.py": "import runpy\nrunpy.run_module('stock')"},
        ("run.py",),
    ),
    "runpy, a file": Layout(
        {"stock.py": COUNTER + "\nmain()", "run.py": "import runpy\nrunpy.run_path('stock.py')"},
        ("run.py",),
    ),
    "a spawned process": Layout(
        {
            **SRC,
            "run.py": "import multiprocessing\nfrom shop.stock import main\n"
            "if __name__ == '__main__':\n"
            "    context = multiprocessing.get_context('spawn')\n"
            "    process = context.Process(target=main)\n"
            "    process.start()\n    process.join()\n",
        },
        ("run.py",),
        pth="ROOT/src",
    ),
    "a spawned process of a console script": Layout(
        {
            "src/shop/__init__.py": "",
            "src/shop/stock.py": "import multiprocessing\nfrom shop.counter import main as count\n"
            "def main():\n"
            "    process = multiprocessing.get_context('spawn').Process(target=count)\n"
            "    process.start()\n    process.join()\n",
            "src/shop/counter.py": COUNTER,
        },
        ("BIN/shop",),
        pth="ROOT/src",
    ),
    "an environment in the project": Layout(
        {**PACKAGE, "venv/lib/python3/site-packages/dep.py": "", "run.py": START}, ("run.py",)
    ),
}


@dataclass(frozen=True)
class Environment:
    """A virtual environment that finds the tool and has no package but what a test puts there."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "lib" / version / "site-packages"

    def trace(self, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), *TRACE[1:], *arguments],
            cwd=folder,
            env={**environment(), **more},
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def installation(tmp_path: Path) -> Environment:
    made = Environment(tmp_path / "environment")
    venv.create(made.folder, symlinks=True)
    tool = Path(tracer.__file__).parent.parent
    (made.packages / "tool.pth").write_text(f"{tool}\n{sysconfig.get_path('purelib')}\n")
    return made


def lay_out(layout: Layout, installation: Environment, folder: Path, counter: str) -> list[str]:
    """Make the project; the command that runs it."""
    root = folder / "project"
    root.mkdir()

    def made(text: str) -> str:
        text = text.replace("ROOT", str(root)).replace("PYTHON", str(installation.python))
        return text.replace("BIN", str(installation.python.parent)).replace(COUNTER, counter)

    for name, text in layout.files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made(text))
    for name in layout.installed:
        (installation.packages / name).write_text(made(FINDER))
    if layout.pth:
        lines = made(layout.pth) if ";" in layout.pth or "/" in layout.pth else root / layout.pth
        (installation.packages / "project.pth").write_text(f"{lines}\n")
    (installation.python.parent / "shop").write_text(made(SCRIPT))
    return [made(argument) for argument in layout.command]


@pytest.mark.parametrize("counter", [RACY, RIGHT], ids=["racy", "right"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_own_code_is_recorded_without_an_option(
    name: str, counter: str, installation: Environment, tmp_path: Path
) -> None:
    layout = LAYOUTS[name]
    command = lay_out(layout, installation, tmp_path, counter)
    root = tmp_path / "project"
    paths = {"PYTHONPATH": os.pathsep.join(str(root / one) for one in layout.path)}
    done = installation.trace(root, "run", "-o", "t.msgpack", *command, **paths)
    assert done.returncode == 0, done.stderr
    verdict = tracer.load(root / "t.msgpack").verdict()
    assert verdict.word == ("findings" if counter == RACY else "clean"), done.stderr


SETUPTOOLS = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "shop"
version = "1"
[project.scripts]
shop = "shop.stock:main"
[tool.setuptools]
packages = ["shop"]
package-dir = FOLDERS
"""


@pytest.mark.parametrize("folders", ['"" = "src"', '"shop" = "src/shop"'], ids=["path", "finder"])
def test_what_pip_installs_is_recorded_where_it_is_editable(
    folders: str, installation: Environment, tmp_path: Path
) -> None:
    pytest.importorskip("setuptools", "70.1", "needs a setuptools that builds wheels by itself")
    pytest.importorskip("pip", reason="needs pip")
    project = SETUPTOOLS.replace("FOLDERS", f"{{{folders}}}")
    layout = Layout({**SRC, "pyproject.toml": project}, ())
    lay_out(layout, installation, tmp_path, RACY)
    (script := installation.python.parent / "shop").unlink()
    root = tmp_path / "project"

    def install(*options: str) -> None:
        pip = [str(installation.python), "-m", "pip", "install", "-q", "--no-build-isolation"]
        subprocess.run(
            [*pip, "--no-deps", "--no-index", *options, "."], cwd=root, check=True, timeout=60
        )

    install("-e")
    installation.trace(root, "run", "-o", "editable.msgpack", str(script))
    assert tracer.load(root / "editable.msgpack").verdict().word == "findings"
    install("--force-reinstall")
    installation.trace(root, "run", "-o", "copied.msgpack", str(script))
    assert not tracer.load(root / "copied.msgpack").findings()
    options = ("run", "-o", "included.msgpack", "--include", "shop")
    installation.trace(root, *options, str(script))
    assert tracer.load(root / "included.msgpack").verdict().word == "findings"
