"""The import hook: which modules are rewritten, and that they stay what they are."""

from __future__ import annotations

import gc
import importlib
import importlib.resources
import inspect
import sys
import types
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracer import _core
from tracer.instrument import importhook


def rewritten(module: types.ModuleType) -> bool:
    """Whether the module's function `touch` has a hook."""
    return has_hook(module.touch)


def has_hook(function: types.FunctionType) -> bool:
    constants = _core.interpreter.running_constants(function.__code__)
    return any(type(constant).__name__ == "Hook" for constant in constants)


BODY = "n = 0\ndef touch():\n    global n\n    n += 1\n    return n\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with modules, on sys.path; what is imported from it is forgotten afterwards."""
    root = tmp_path / "project"
    (root / "rt_pack" / "sub").mkdir(parents=True)
    (root / "rt_space").mkdir()
    (root / "rt_pack" / "__init__.py").write_text("from .inner import touch\n")
    (root / "rt_pack" / "inner.py").write_text(BODY)
    (root / "rt_pack" / "data.txt").write_text("data")
    (root / "rt_pack" / "__main__.py").write_text("print(__name__)\n")
    (root / "rt_space" / "leaf.py").write_text(BODY)
    (root / "rt_plain.py").write_text(BODY)
    (root / "rt_latin.py").write_bytes(b"# coding: latin-1\n" + BODY.encode() + b"s = '\xe9'\n")
    monkeypatch.syspath_prepend(str(root))
    before = set(sys.modules)
    yield root
    for name in set(sys.modules) - before:
        if name.startswith("rt_"):
            del sys.modules[name]


@pytest.fixture
def installed(project: Path) -> Iterator[None]:
    undo = importhook.install([str(project)], [])
    yield
    undo()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["rt_plain", "rt_pack.inner", "rt_space.leaf", "rt_latin"])
def test_modules_under_the_root_are_rewritten(name: str) -> None:
    module = importlib.import_module(name)
    assert rewritten(module)
    assert module.touch() == 1
    assert module.touch() == 2


@pytest.mark.usefixtures("installed")
def test_module_attributes_stay(project: Path) -> None:
    module = importlib.import_module("rt_pack.inner")
    assert module.__file__ == str(project / "rt_pack" / "inner.py")
    assert module.__spec__.origin == module.__file__
    assert module.__spec__.name == module.__name__ == "rt_pack.inner"
    assert module.__package__ == "rt_pack"
    assert module.__spec__.cached == importlib.util.cache_from_source(module.__file__)
    assert inspect.getsource(module.touch) == BODY.split("\n", 1)[1]
    data = importlib.resources.files("rt_pack").joinpath("data.txt")
    assert data.read_text() == "data"
    again = importlib.reload(module)
    assert again is module
    assert module.n == 0


@pytest.mark.usefixtures("installed")
def test_rewritten_code_is_never_taken_for_the_ordinary_bytecode(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    importlib.import_module("rt_plain")
    (kept,) = project.rglob("*.pyc")
    assert kept.name == f"rt_plain.{sys.implementation.cache_tag}.opt-recorded.pyc"


@pytest.mark.usefixtures("installed")
def test_run_module_finds_the_code(project: Path) -> None:
    import runpy

    result = runpy.run_module("rt_plain", run_name="not_main")
    assert has_hook(result["touch"])


def test_the_standard_library_is_not_rewritten() -> None:
    undo = importhook.install([], [])
    try:
        assert "source_to_code" not in vars(importlib.import_module("this").__spec__.loader)
    finally:
        undo()


def test_own_code_is_rewritten_wherever_it_is(project: Path) -> None:
    undo = importhook.install([], [])
    try:
        assert rewritten(importlib.import_module("rt_plain"))
    finally:
        undo()


def test_an_installed_package_is_rewritten_if_it_is_included(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    for name in ("rt_wanted", "rt_other"):
        (folder / f"{name}.py").write_text(BODY)
    monkeypatch.syspath_prepend(str(folder))
    undo = importhook.install([], ["rt_wanted"])
    try:
        assert rewritten(importlib.import_module("rt_wanted"))
        assert not rewritten(importlib.import_module("rt_other"))
    finally:
        undo()


@pytest.mark.usefixtures("installed")
def test_a_syntax_error_is_pythons_own(project: Path) -> None:
    (project / "rt_broken.py").write_text("x = (\n")
    with pytest.raises(SyntaxError) as caught:
        importlib.import_module("rt_broken")
    assert caught.value.filename == str(project / "rt_broken.py")
    assert caught.value.lineno == 1


@pytest.mark.usefixtures("installed")
def test_too_deep_source_runs_unrewritten_and_says_so(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = "x" + ".real" * 700
    (project / "rt_deep.py").write_text(BODY + f"def f(x): return {chain}\n")
    module = importlib.import_module("rt_deep")
    assert not rewritten(module)
    assert module.f(3) == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "rt_deep.py could not be rewritten" in lines[0]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("line", ["touch() is 5", r"'\d'"], ids=["is", "escape"])
def test_warnings_of_the_compiler_come_once(project: Path, line: str) -> None:
    (project / "rt_warns.py").write_text(f"{BODY}{line}\n")
    sys.modules.pop("rt_warns", None)
    with pytest.warns((SyntaxWarning, DeprecationWarning)) as caught:
        importlib.import_module("rt_warns")
    assert len(caught) == 1


@pytest.mark.usefixtures("installed")
def test_a_module_that_is_imported_again_keeps_its_code_while_its_source_is_the_same(
    project: Path,
) -> None:
    codes = []
    for source in (BODY, BODY, BODY + "n = 1\n"):
        (project / "rt_plain.py").write_text(source)
        module = importlib.import_module("rt_plain")
        assert rewritten(module)
        codes.append(module.touch.__code__)
        loader = weakref.ref(module.__loader__)
        del sys.modules["rt_plain"], module
        gc.collect()
        assert loader() is None
    assert codes[0] is codes[1] is not codes[2]
