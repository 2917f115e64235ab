"""Edits of the standard library's own functions: the same body, with hooks in it.

A primitive is recorded from inside: the function's source is parsed, calls of hooks are inserted
at *anchors*, and the compiled code takes the place of the function's own (`function.__code__`).
So classes, functions, signatures, locking and error messages stay CPython's, whatever its version,
and no frame of ours is in a traceback. An anchor is the text with which a statement starts.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import NamedTuple

from tracer import _core
from tracer.errors import TracerError

Patch = tuple[object, str, object]
Hook = Callable[..., object] | _core.unseen | _core.MessageHook

_modules: dict[str, list[str]] = {}


class UnknownSourceError(TracerError):
    """The standard library's source is missing, or not what the edits expect."""


class Call(NamedTuple):
    """A call of `hook` with arguments given as text; `into` names the local it is stored in."""

    hook: Hook
    arguments: str = "self"
    into: str = ""


class Editor:
    """One function that is being edited."""

    def __init__(self, definition: ast.FunctionDef, lines: list[str]) -> None:
        self.definition = definition
        self.lines = lines
        self.hooks: list[Hook] = []
        self.inserted: set[ast.stmt] = set()  # these are no anchors

    def placeholder(self, hook: Hook) -> str:
        self.hooks.append(hook)
        return f"racetrace hook {len(self.hooks) - 1}"

    def statement(self, call: Call, place: ast.stmt) -> ast.stmt:
        arguments = f"({call.arguments},)" if call.arguments else "()"
        text = f"{self.placeholder(call.hook)!r}[{arguments}]"
        if call.into:
            text = f"{call.into} = {text}"
        return self.placed(ast.parse(text).body[0], place)

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

    def found(self, anchor: str | tuple[str, ...]) -> list[tuple[list[ast.stmt], ast.stmt]]:
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


Edit = Callable[[Editor], None]


def at_start(hook: Hook, arguments: str = "self", into: str = "") -> Edit:
    """Call the hook first."""

    def edit(editor: Editor) -> None:
        body = editor.definition.body
        position = 1 if ast.get_docstring(editor.definition) is not None else 0
        body.insert(position, editor.statement(Call(hook, arguments, into), body[position]))

    return edit


def at_end(hook: Hook, arguments: str = "self") -> Edit:
    """Call the hook where the function's end is reached (not at a `return`)."""

    def edit(editor: Editor) -> None:
        body = editor.definition.body
        body.append(editor.statement(Call(hook, arguments), body[-1]))

    return edit


def before(
    anchor: str | tuple[str, ...], hook: Hook, arguments: str = "self", into: str = ""
) -> Edit:
    """Call the hook before each statement that starts with the anchor."""

    def edit(editor: Editor) -> None:
        for block, statement in editor.found(anchor):
            call = editor.statement(Call(hook, arguments, into), statement)
            block.insert(block.index(statement), call)

    return edit


def after(
    anchor: str | tuple[str, ...], hook: Hook, arguments: str = "self", into: str = ""
) -> Edit:
    """Call the hook after each statement that starts with the anchor."""

    def edit(editor: Editor) -> None:
        for block, statement in editor.found(anchor):
            call = editor.statement(Call(hook, arguments, into), statement)
            block.insert(block.index(statement) + 1, call)

    return edit


def results(hook: Hook, arguments: str = "self, result") -> Edit:
    """Return what the hook makes of each returned value, which `result` stands for."""

    def edit(editor: Editor) -> None:
        for block in list(editor.blocks(editor.definition)):
            for statement in block:
                if isinstance(statement, ast.Return) and statement.value is not None:
                    value = statement.value
                    call = editor.statement(Call(hook, arguments), statement)
                    assert isinstance(call, ast.Expr)
                    statement.value = _Substitution(value).visit(call.value)

    return edit


def replaced(expression: str, hook: Hook, arguments: str) -> Edit:
    """Call the hook where the expression is evaluated, or, with the value among the arguments,
    where it is assigned to."""

    def edit(editor: Editor) -> None:
        wanted = ast.dump(ast.parse(expression, mode="eval").body)
        for block in editor.blocks(editor.definition):
            for i, statement in enumerate(block):
                target = statement.targets[0] if isinstance(statement, ast.Assign) else None
                node = getattr(statement, "value", None) if target is None else target
                if node is None or ast.dump(node).replace("Store()", "Load()") != wanted:
                    continue
                call = editor.statement(Call(hook, arguments), statement)
                assert isinstance(call, ast.Expr)
                # A traceback underlines what it is in the source.
                for child in ast.walk(call.value):
                    ast.copy_location(child, node)
                if target is None:
                    statement.value = call.value  # type: ignore[attr-defined]
                else:
                    block[i] = call
                return
        raise UnknownSourceError(
            f"cannot record {editor.definition.name}() of this Python: no {expression!r} in it"
        )

    return edit


def guarded(anchor: str | tuple[str, ...], hook: Hook, arguments: str = "self") -> Edit:
    """Call the hook when the statement that starts with the anchor raises."""

    def edit(editor: Editor) -> None:
        for block, statement in editor.found(anchor):
            guard = editor.placed(
                ast.parse("try: pass\nexcept BaseException:\n    pass\n    raise").body[0],
                statement,
            )
            assert isinstance(guard, ast.Try)
            guard.body = [statement]
            guard.handlers[0].body[0] = editor.statement(Call(hook, arguments), statement)
            block[block.index(statement)] = guard

    return edit


def argument(anchor: str, hook: Hook, arguments: str) -> Edit:
    """Have the statement that starts with the anchor, a call or the assignment of one, pass what
    the hook makes of the call's first argument, which `value` stands for."""

    def edit(editor: Editor) -> None:
        for _, statement in editor.found(anchor):
            assert isinstance(statement, ast.Expr | ast.Assign)
            call = statement.value
            assert isinstance(call, ast.Call)
            given = editor.statement(Call(hook, arguments), statement)
            assert isinstance(given, ast.Expr)
            call.args[0] = _Substitution(call.args[0], "value").visit(given.value)

    return edit


def heading(anchor: str, hook: Hook, arguments: str) -> Edit:
    """Have the `if`, `while` or `for` that starts with the anchor go by what the hook makes of its
    expression, which `value` stands for."""

    def edit(editor: Editor) -> None:
        for _, statement in editor.found(anchor):
            assert isinstance(statement, ast.If | ast.While | ast.For)
            part = "iter" if isinstance(statement, ast.For) else "test"
            call = editor.statement(Call(hook, arguments), statement)
            assert isinstance(call, ast.Expr)
            given = _Substitution(getattr(statement, part), "value").visit(call.value)
            setattr(statement, part, given)

    return edit


class _Substitution(ast.NodeTransformer):
    """Puts an expression where the hook's arguments have a name that stands for it."""

    def __init__(self, value: ast.expr, name: str = "result") -> None:
        self.value = value
        self.name = name

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.value if node.id == self.name else node


def edited(function: object, *edits: Edit) -> Patch:
    """The patch that gives the function its edited code.

    Edits are made in order. Raises UnknownSourceError if the source is not there or has
    no such anchor.
    """
    assert isinstance(function, FunctionType)
    original = function.__code__
    definition, lines, owner = _definition(function)
    editor = Editor(definition, lines)
    for edit in edits:
        edit(editor)
    # The class around it gives the code the name mangling and the __class__ cell it had.
    tree: ast.AST = definition
    if owner is not None:
        tree = ast.ClassDef(name=owner, bases=[], keywords=[], body=[definition], decorator_list=[])
        tree.type_params = []  # type: ignore[attr-defined]
        ast.copy_location(tree, definition)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", SyntaxWarning
        )  # the placeholders are strings with odd indices
        module = compile(ast.Module(body=[tree], type_ignores=[]), original.co_filename, "exec")  # type: ignore[list-item]
    names = [original.co_name] if owner is None else [owner, original.co_name]
    code = _nested(module, *names)
    constants = tuple(
        _unseen(editor.hooks[int(constant.removeprefix("racetrace hook "))])
        if isinstance(constant, str) and constant.startswith("racetrace hook ")
        else constant
        for constant in code.co_consts
    )
    code = code.replace(
        co_consts=constants,
        co_qualname=original.co_qualname,
        co_firstlineno=original.co_firstlineno,
    )
    assert code.co_freevars == original.co_freevars
    return function, "__code__", code


def _unseen(hook: Hook) -> _core.unseen | _core.MessageHook:
    return hook if isinstance(hook, _core.unseen | _core.MessageHook) else _core.unseen(hook)


def _definition(function: FunctionType) -> tuple[ast.FunctionDef, list[str], str | None]:
    """The function's definition, its module's lines, and the name of the class it is in.

    Only its own lines are parsed: a module takes longer than the start of the interpreter.
    """
    lines = _source(function)
    first = function.__code__.co_firstlineno - 1
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
        if source is None:
            raise UnknownSourceError(f"the source of the standard library's {name} is not there")
        _modules[name] = source.splitlines()
    return _modules[name]


def forget_sources() -> None:
    """Free the modules' sources."""
    _modules.clear()


def _nested(code: CodeType, *names: str) -> CodeType:
    for name in names:
        inner = (c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
        code = next(inner)
    return code
