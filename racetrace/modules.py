"""The modules of a test suite that are to be recorded, found as they are imported."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from _pytest.assertion.rewrite import AssertionRewritingHook

from racetrace import own

if TYPE_CHECKING:
    from tracer.testing.modules import TestModules

_MENTIONS = (b"mark.trace", b"trace_recorder")


class RecordingModules(importlib.abc.MetaPathFinder):
    """Stands before pytest's import hook `asserts`, for the modules where ours is to follow it.

    Those are the test modules that mention the `trace` mark or the `trace_recorder` fixture; in a
    run that is recorded as a whole, all. `root` is the folder below which modules are rewritten;
    `everything` says from the start, not from the first module that records.
    """

    def __init__(self, asserts: AssertionRewritingHook, root: Path, everything: bool) -> None:
        self._asserts = asserts
        self._root = root
        self._modules: TestModules | None = None
        if everything:
            self._rewritten()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec with our loader for a test module that is to be recorded, else None."""
        spec = self._asserts.find_spec(name, path, target)
        if spec is None or spec.loader is not self._asserts or spec.origin is None:
            return None
        if own.has(spec.origin) or not (own.recording_run() or _records(spec.origin)):
            return None
        modules = self._rewritten()
        if not modules.takes(spec.origin):
            return None
        spec.loader = modules
        return spec

    @property
    def too_early(self) -> tuple[str, ...]:
        """Modules below the root that had been imported before any module was rewritten."""
        return () if self._modules is None else self._modules.too_early

    def _rewritten(self) -> TestModules:
        if self._modules is None:
            from racetrace.tracer.testing.modules import TestModules

            self._modules = TestModules(self._asserts, self._root)
        return self._modules


def _records(file: str) -> bool:
    """Whether a test module has the mark or takes the fixture."""
    try:
        source = Path(file).read_bytes()
        if not any(word in source for word in _MENTIONS):
            return False
        nodes = ast.walk(ast.parse(source))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return False  # for pytest to say
    return any(
        (isinstance(node, ast.Attribute) and ast.unparse(node).endswith("mark.trace"))
        or (isinstance(node, ast.arg) and node.arg == "trace_recorder")
        for node in nodes
    )
