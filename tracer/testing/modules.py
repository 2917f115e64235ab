"""Rewriting the modules of a test suite: shared accesses, on top of pytest's own assertions.

`racetrace.modules` chooses the test modules; from the first of them on so is what is imported from
below the suite's root. A suite without one is left alone.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook, rewrite_asserts

from .. import _core, primitives
from ..instrument import importhook
from ..instrument.owncode import OwnCode
from ..runs.part import current, to_be_controlled


class TestModules(importlib.abc.Loader):
    """Does the work of pytest's import hook `asserts`, and then ours. From now on the modules below
    the folder `root` are rewritten, where this run is not recorded as a whole already."""

    __test__ = False

    def __init__(self, asserts: AssertionRewritingHook, root: Path) -> None:
        self._asserts = asserts
        self.too_early: tuple[str, ...] = ()
        """Modules below the root that had been imported before any module was rewritten."""
        if not _core.record.recording():
            self._follow_imports(str(root))

    def takes(self, file: str) -> bool:
        """Whether a module of that file is to be rewritten."""
        finder = importhook.installed()
        return finder is not None and finder.own.has(str(Path(file).resolve()))

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """None: a module as any other."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module with its assertions and then its shared accesses rewritten.

        In this order, so that a failing assertion shows the source's own expressions.
        """
        __tracebackhide__ = True
        assert module.__spec__ is not None
        assert module.__spec__.origin is not None
        file = module.__spec__.origin
        source = Path(file).read_bytes()
        config = self._asserts.config

        def parse() -> ast.Module:
            tree = ast.parse(source, file)
            rewrite_asserts(tree, source, file, config)
            return tree

        code = importhook.compile_tree(
            parse,
            source,
            file,
            module.__name__,
            tool=("pytest", pytest.__version__, config.getini("enable_assertion_pass_hook")),
            scheduling=to_be_controlled(),
        )
        exec(code, module.__dict__)

    def _follow_imports(self, root: str) -> None:
        part = current()
        leave = () if part is None else part.unrewritten
        for name in leave:
            with contextlib.suppress(Exception):  # for pytest to say, where it is imported
                importlib.import_module(name)
        primitives.install()
        own = OwnCode([root])
        self.too_early = tuple(
            name
            for name, module in list(sys.modules.items())
            if (file := getattr(module, "__file__", None))
            and own.has(str(Path(file).resolve()))
            and not _is_test_code(module)
        )
        importhook.install([root], [], scheduling=to_be_controlled(), leave=leave)


def _is_test_code(module: ModuleType) -> bool:
    spec = module.__spec__
    return spec is not None and isinstance(spec.loader, AssertionRewritingHook)
