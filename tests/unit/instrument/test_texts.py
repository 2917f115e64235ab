"""Source text that is given to `exec` and `eval`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tracer.instrument import importhook, texts

Accesses = Callable[[str], list[tuple[str, str, object]]]


@pytest.fixture(autouse=True)
def _rewriting() -> Iterator[None]:
    uninstall = importhook.install([], [])
    texts.install()
    yield
    uninstall()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("exec('x += 1', globals())", [("read", "prog.x", 1), ("write", "prog.x", 2)]),
        ("exec('x = 5')", [("write", "prog.x", 5)]),
        ("exec('x = 5', globals(), globals())", [("write", "prog.x", 5)]),
        ("eval(' x + 1')", [("read", "prog.x", 1)]),
        ("eval('x', None, globals())", [("read", "prog.x", 1)]),
    ],
)
def test_what_a_text_does_to_the_globals(
    text: str, found: list[tuple[str, str, object]], accesses: Accesses
) -> None:
    assert accesses(f"x = 1\n{text}\n") == found


@pytest.mark.parametrize(
    "text",
    [
        "exec('x += 1', {'x': 1})",
        "exec('x = 2', globals(), {})",
        "(lambda: exec('x = 2'))()",
        "exec(b'x = 2')",
        "exec(compile('x = 2', 'f', 'exec'))",
        "len = max\nexec('x = 2')",
    ],
)
def test_what_is_run_elsewhere_is_left_alone(text: str, accesses: Accesses) -> None:
    assert accesses(f"x = 1\n{text}\n") == []


def test_a_text_is_compiled_once_and_has_the_flags_of_its_caller(run: Callable[..., Any]) -> None:
    source = """
        from __future__ import annotations
        texts = []
        for n in range(2):
            exec("def f(a: nobody): return a")
            texts.append(f.__code__)
        same = texts[0] is texts[1]
        kept = f.__annotations__, f.__code__.co_filename
    """
    _, namespace = run(source)
    assert namespace["same"]
    assert namespace["kept"] == ({"a": "nobody"}, "<string>")


@pytest.mark.parametrize(
    "text", ["1/0", "x +", "\n\nnobody", "x = 1\n y", "\0", "[1/0 for _ in x]"]
)
@pytest.mark.parametrize("function", ["exec", "eval"])
def test_errors_are_the_same(function: str, text: str, run: Callable[..., Any]) -> None:
    source = f"""
import traceback
x = [1]
said = []
try:
    {function}({text!r})
except Exception as error:
    said += traceback.format_exception(error)[2:]
"""
    _, namespace = run(source)
    plain: dict[str, Any] = {}
    exec(source, plain)
    assert namespace["said"] == plain["said"]


def test_warnings_are_given_by_the_builtin_and_shown_once(run: Callable[..., Any]) -> None:
    source = """
        import warnings
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("default")
            for text in ("y = 1 is 1", "y = 1"):
                warnings.warn("once")
                exec(text)
        said = [str(warning.message)[:4] for warning in given]
    """
    _, namespace = run(source)
    assert namespace["said"] == ["once", '"is"']
