"""How an edit of a standard library function is made: in the tree of its source.

`rewriting` keeps what is made here, so that this is imported only by the first process that needs
an edit.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Final

from .. import _core
from ..errors import TracerError
from .edits import PLACEHOLDER, Anchor, Edit

_modules: dict[str, list[str]] = {}


class UnknownSourceError(TracerError):
    """The standard library's source is missing, or not what the edits expect."""


class Editor:
    """One function that is being edited."""

    def __init__(self, definition: ast.FunctionDef, lines: list[str]) -> None:
        self.definition = definition
        self.lines = lines
        self.number = 0  # of the edit that is being made
        self.inserted: set[ast.stmt] = set()  # these are no anchors

    def call(self, edit: Edit, place: ast.stmt) -> ast.stmt:
        """The call of the edit's hook, as a statement."""
        arguments = f"({edit.arguments},)" if edit.arguments else "()"
        text = f"{PLACEHOLDER + str(self.number)!r}[{arguments}]"
        if edit.into:
            text = f"{edit.into} = {text}"
        return self.placed(ast.parse(text).body[0], place)

    def value(self, edit: Edit, place: ast.stmt) -> ast.expr:
        """The call of the edit's hook, as an expression."""
        statement = self.call(edit, place)
        assert isinstance(statement, ast.Expr)
        return statement.value

    def placed(self, node: ast.stmt, place: ast.AST) -> ast.stmt:
        for child in ast.walk(node):
            if isinstance(child, ast.stmt | ast.expr | ast.excepthandler):
                ast.copy_location(child, place)
            if isinstance(child, ast.stmt):
                self.inserted.add(child)
        return node

    def blocks(self, root: ast.AST) -> Iterator[list[ast.stmt]]:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(root, name, None)
            if isinstance(block, list):
                yield block
                for child in block:
                    if not isinstance(child, ast.FunctionDef):
                        yield from self.blocks(child)
        for handler in getattr(root, "handlers", ()):
            yield from self.blocks(handler)

    def found(self, anchor: Anchor) -> list[tuple[list[ast.stmt], ast.stmt]]:
        places = [
            (block, statement)
            for block in self.blocks(self.definition)
            for statement in block
            if statement not in self.inserted
            and self.lines[statement.lineno - 1][statement.col_offset :].startswith(anchor)
        ]
        if not places:
            raise UnknownSourceError(
                f"cannot record {self.definition.name}() of this Python: no {anchor!r} in it"
            )
        return places


def _at_start(editor: Editor, edit: Edit) -> None:
    body = editor.definition.body
    position = 1 if ast.get_docstring(editor.definition) is not None else 0
    body.insert(position, editor.call(edit, body[position]))


def _at_end(editor: Editor, edit: Edit) -> None:
    body = editor.definition.body
    body.append(editor.call(edit, body[-1]))


def _before(editor: Editor, edit: Edit) -> None:
    for block, statement in editor.found(edit.anchor):
        block.insert(block.index(statement), editor.call(edit, statement))


def _after(editor: Editor, edit: Edit) -> None:
    for block, statement in editor.found(edit.anchor):
        block.insert(block.index(statement) + 1, editor.call(edit, statement))


def _results(editor: Editor, edit: Edit) -> None:
    for block in list(editor.blocks(editor.definition)):
        for statement in block:
            if isinstance(statement, ast.Return) and statement.value is not None:
                call = editor.value(edit, statement)
                statement.value = _Substitution(statement.value, "result").visit(call)


def _replaced(editor: Editor, edit: Edit) -> None:
    expression = edit.anchor
    assert isinstance(expression, str)
    wanted = _meaning(ast.parse(expression, mode="eval").body)
    for block in editor.blocks(editor.definition):
        for i, statement in enumerate(block):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            places = (node for node in (target, getattr(statement, "value", None)) if node)
            node = next((node for node in places if _meaning(node) == wanted), None)
            if node is None:
                continue
            call = editor.call(edit, statement)
            assert isinstance(call, ast.Expr)
            # A traceback underlines what it is in the source.
            for child in ast.walk(call.value):
                ast.copy_location(child, node)
            if node is target:
                block[i] = call
            else:
                statement.value = call.value  # type: ignore[attr-defined]
            return
    raise UnknownSourceError(
        f"cannot record {editor.definition.name}() of this Python: no {expression!r} in it"
    )


def _meaning(node: ast.expr) -> str:
    """The expression, whether it is evaluated or assigned to: not every version names the first."""
    return re.sub(r", ctx=(Load|Store)\(\)", "", ast.dump(node))


def _guarded(editor: Editor, edit: Edit) -> None:
    for block, statement in editor.found(edit.anchor):
        guard = editor.placed(
            ast.parse("try: pass\nexcept BaseException:\n    pass\n    raise").body[0],
            statement,
        )
        assert isinstance(guard, ast.Try)
        guard.body = [statement]
        guard.handlers[0].body[0] = editor.call(edit, statement)
        block[block.index(statement)] = guard


def _argument(editor: Editor, edit: Edit) -> None:
    for _, statement in editor.found(edit.anchor):
        assert isinstance(statement, ast.Expr | ast.Assign)
        call = statement.value
        assert isinstance(call, ast.Call)
        given = editor.value(edit, statement)
        call.args[0] = _Substitution(call.args[0], "value").visit(given)


def _heading(editor: Editor, edit: Edit) -> None:
    for _, statement in editor.found(edit.anchor):
        assert isinstance(statement, ast.If | ast.While | ast.For)
        part = "iter" if isinstance(statement, ast.For) else "test"
        given = editor.value(edit, statement)
        setattr(statement, part, _Substitution(getattr(statement, part), "value").visit(given))


_WAYS: Final[dict[str, Callable[[Editor, Edit], None]]] = {
    "at_start": _at_start,
    "at_end": _at_end,
    "before": _before,
    "after": _after,
    "results": _results,
    "replaced": _replaced,
    "guarded": _guarded,
    "argument": _argument,
    "heading": _heading,
}


class _Substitution(ast.NodeTransformer):
    """Puts an expression where the hook's arguments have a name that stands for it."""

    def __init__(self, value: ast.expr, name: str) -> None:
        self.value = value
        self.name = name

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.value if node.id == self.name else node


def make(function: FunctionType, original: CodeType, edits: Sequence[Edit]) -> CodeType:
    """The function's original code with the edits made in order, and with `PLACEHOLDER` and its
    number where the hook of each is to be.

    Raises UnknownSourceError if the source is not there or has no such anchor.
    """
    definition, lines, owner = _definition(function, original)
    editor = Editor(definition, lines)
    for editor.number, edit in enumerate(edits):
        _WAYS[edit.way](editor, edit)
    if definition.lineno != original.co_firstlineno:
        # Its code begins at its decorator, from where its lines are counted.
        decorator = ast.copy_location(ast.Constant(value=None), definition)
        decorator.lineno = decorator.end_lineno = original.co_firstlineno
        definition.decorator_list = [decorator]
    # The class around it gives the code the name mangling and the __class__ cell it had.
    tree: ast.AST = definition
    if owner is not None:
        tree = ast.ClassDef(name=owner, bases=[], keywords=[], body=[definition], decorator_list=[])
        tree.type_params = []  # type: ignore[attr-defined]
        ast.copy_location(tree, definition)
    block = ast.Module(body=[tree], type_ignores=[])  # type: ignore[list-item]
    # The placeholders are strings with odd indices, of which the compiler warns.
    module = _core.hooks.compile_warning(block, original.co_filename, "exec", 0, "ignore")
    names = [original.co_name] if owner is None else [owner, original.co_name]
    code = _nested(module, *names).replace(co_qualname=original.co_qualname)
    assert code.co_freevars == original.co_freevars
    return code


def _definition(
    function: FunctionType, original: CodeType
) -> tuple[ast.FunctionDef, list[str], str | None]:
    """The function's definition, its module's lines, and the name of the class it is in.

    Only its own lines are parsed: a module takes longer than the start of the interpreter.
    """
    lines = _source(function)
    first = original.co_firstlineno - 1
    while lines[first].lstrip().startswith("@"):
        first += 1
    owner = function.__qualname__.rpartition(".")[0] or None
    # What stands before it makes the line numbers and the indentation right.
    prefix = "\n" * (first - 1) + ("if 1:" if lines[first][:1].isspace() else "")
    for last in _ends(lines, first):
        try:
            parsed = ast.parse("\n".join([prefix, *lines[first:last]]))
        except SyntaxError:
            continue  # a string or a bracket goes on
        statement = parsed.body[0]
        definition = statement.body[0] if isinstance(statement, ast.If) else statement
        if isinstance(definition, ast.FunctionDef) and definition.name == function.__name__:
            return definition, lines, owner
        break
    raise UnknownSourceError(f"cannot find {function.__qualname__}() in its source")


def _ends(lines: list[str], first: int) -> Iterator[int]:
    """Where the block whose head is the line `first` may end: the lines that are not deeper."""
    indent = len(lines[first]) - len(lines[first].lstrip())
    for number in range(first + 1, len(lines)):
        text = lines[number].lstrip()
        if text and not text.startswith("#") and len(lines[number]) - len(text) <= indent:
            yield number
    yield len(lines)


def _source(function: FunctionType) -> list[str]:
    name = function.__module__
    if name not in _modules:
        loader = getattr(sys.modules[name], "__loader__", None)
        get_source = getattr(loader, "get_source", None)
        source = get_source(name) if get_source is not None else None
        source = source or _source_of_frozen(sys.modules[name])
        if source is None:
            raise UnknownSourceError(f"the source of the standard library's {name} is not there")
        _modules[name] = source.splitlines()
    return _modules[name]


def _source_of_frozen(module: ModuleType) -> str | None:
    """The source of a module that is in the interpreter itself; None if it is not there."""
    try:
        with open(str(module.__file__), encoding="utf-8") as file:
            return file.read()
    except (AttributeError, OSError):
        return None


def forget_sources() -> None:
    """Free the modules' sources."""
    _modules.clear()


def _nested(code: CodeType, *names: str) -> CodeType:
    for name in names:
        inner = (c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
        code = next(inner)
    return code
