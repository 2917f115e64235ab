"""Rewriting the modules of a test suite: shared accesses, on top of pytest's own assertions.

A test module that mentions the `trace` mark or the `trace_recorder` fixture is rewritten, and from
the first such module on so is what is imported from below the suite's root. A suite without one
is left alone.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from _pytest.assertion.rewrite import AssertionRewritingHook, rewrite_asserts

_MENTIONS = (b"mark.trace", b"trace_recorder")


class TestModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands before pytest's import hook `asserts`, and does its work where ours is to follow.

    `root` is the folder below which modules are rewritten; `everything` says from the start, not
    from the first module that records.
    """

    __test__ = False

    def __init__(self, asserts: AssertionRewritingHook, root: Path, everything: bool) -> None:
        self._asserts = asserts
        self._root = root
        self._following = False
        self.too_early: tuple[str, ...] = ()
        """Modules below the root that had been imported before any module was rewritten."""
        if everything:
            self._follow_imports()

    def install(self) -> None:
        """Take part in the imports from now on."""
        sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Take no part in them any more."""
        sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec with this loader for a test module that records, else None."""
        spec = self._asserts.find_spec(name, path, target)
        if spec is None or spec.loader is not self._asserts or spec.origin is None:
            return None
        try:
            source = Path(spec.origin).read_bytes()
        except OSError:
            return None  # for pytest to say
        if not _records(source):
            return None
        self._follow_imports()
        spec.loader = self
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """None: a module as any other."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module with its assertions and then its shared accesses rewritten.

        In this order, so that a failing assertion shows the source's own expressions.
        """
        from tracer.instrument import importhook
        from tracer.scheduling.part import to_be_controlled

        assert module.__spec__ is not None
        assert module.__spec__.origin is not None
        file = module.__spec__.origin
        source = Path(file).read_bytes()
        tree = ast.parse(source, file)
        rewrite_asserts(tree, source, file, self._asserts.config)
        code = importhook.compile_tree(
            tree, source, file, module.__name__, scheduling=to_be_controlled()
        )
        exec(code, module.__dict__)

    def _follow_imports(self) -> None:
        if self._following:
            return
        self._following = True
        from tracer import primitives
        from tracer.instrument import importhook
        from tracer.instrument.owncode import OwnCode
        from tracer.scheduling.part import PART, to_be_controlled

        leave = () if PART is None else PART.unrewritten
        for name in leave:
            with contextlib.suppress(Exception):  # for pytest to say, where it is imported
                importlib.import_module(name)
        primitives.install()
        own = OwnCode([str(self._root)])
        self.too_early = tuple(
            name
            for name, module in list(sys.modules.items())
            if (file := getattr(module, "__file__", None))
            and own.has(str(Path(file).resolve()))
            and not _is_test_code(module)
        )
        importhook.install([str(self._root)], [], scheduling=to_be_controlled(), leave=leave)


def _records(source: bytes) -> bool:
    """Whether a test module has the mark or takes the fixture."""
    if not any(word in source for word in _MENTIONS):
        return False
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError):
        return False  # for pytest to say
    return any(
        (isinstance(node, ast.Attribute) and ast.unparse(node).endswith("mark.trace"))
        or (isinstance(node, ast.arg) and node.arg == "trace_recorder")
        for node in nodes
    )


def _is_test_code(module: ModuleType) -> bool:
    spec = module.__spec__
    return spec is not None and isinstance(spec.loader, AssertionRewritingHook)
