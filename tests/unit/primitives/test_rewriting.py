from __future__ import annotations

import marshal
import queue
from types import CellType, CodeType, FunctionType

import pytest

from tracer import _core, primitives
from tracer.primitives import rewriting
from tracer.primitives.editing import UnknownSourceError
from tracer.primitives.edits import Edit, at_start, before, edited, guarded, only_controlled


def running(code: CodeType) -> CodeType:
    """A copy that is seen as the code that runs; the code itself is seen as the original."""
    return CodeType.replace(code)


def hooks(code: CodeType) -> int:
    return sum(
        isinstance(constant, _core.interpreter.untraced) for constant in running(code).co_consts
    )


def docstring(code: CodeType) -> object:
    return FunctionType(code, {}, closure=tuple(CellType() for _ in code.co_freevars)).__doc__


def test_edited_functions_stay_what_they_are():
    for owner, name, code in primitives.patches(controlled=False):
        if name == "__code__":
            original = owner.__code__
            code = running(code)
            assert code.co_filename == original.co_filename
            assert code.co_firstlineno == original.co_firstlineno
            assert code.co_qualname == original.co_qualname
            assert docstring(code) == docstring(original)
            arguments = original.co_argcount + original.co_kwonlyargcount
            assert code.co_varnames[:arguments] == original.co_varnames[:arguments]


def test_an_edited_function_is_seen_as_the_original():
    for owner, name, code in primitives.patches(controlled=False):
        if name == "__code__":
            original = owner.__code__
            assert code is not original
            assert code == original
            assert (code.co_code, code.co_consts) == (original.co_code, original.co_consts)
            assert marshal.loads(marshal.dumps(code)) == original


def test_the_lines_are_those_of_the_source():
    for owner, name, code in primitives.patches(controlled=False):
        if name == "__code__":
            lines = {position[0] for position in owner.__code__.co_positions()}
            edited_lines = {position[0] for position in running(code).co_positions()}
            # A decorated function starts at the decorator; clean-up has no line.
            assert edited_lines <= lines | {owner.__code__.co_firstlineno + 1, None}


def made(function: object, *edits: Edit, controlled: bool = False) -> list[CodeType]:
    try:
        table = [edited(function, *edits)]
        return [code for _, _, code in rewriting.patches(table, controlled)]
    finally:
        rewriting.finish()


def test_an_anchor_that_is_not_there_is_an_error():
    with pytest.raises(UnknownSourceError, match=r"cannot record qsize\(\)"):
        made(queue.Queue.qsize, before("no such statement", print))


def test_what_an_edit_has_inserted_is_no_anchor_for_the_next():
    anchor = "with self.mutex:"
    edits = guarded(anchor, print), before(anchor, print)
    (code,) = made(queue.Queue.qsize, *edits)
    assert hooks(code) == len(edits)


def test_a_function_without_source_is_an_error():
    namespace: dict[str, object] = {"__name__": "threading"}
    exec("def made_up(): pass", namespace)
    with pytest.raises(UnknownSourceError, match="made_up"):
        made(namespace["made_up"], at_start(print, ""))


def test_what_is_edited_depends_on_control_when_it_is_asked_for():
    scheduling, recording = only_controlled(at_start(print)), before("with self.mutex:", print)
    (free,) = made(queue.Queue.qsize, scheduling, recording)
    (controlled,) = made(queue.Queue.qsize, scheduling, recording, controlled=True)
    assert [hooks(code) for code in (free, controlled)] == [1, 2]
    assert made(queue.Queue.qsize, scheduling) == []  # nothing is left to edit


def test_what_is_in_place_already_is_made_of_the_original():
    table = [edited(queue.Queue.qsize, before("with self.mutex:", print))]
    original = queue.Queue.qsize.__code__
    try:
        ((_, _, queue.Queue.qsize.__code__),) = rewriting.patches(table, False)
        ((_, _, again),) = rewriting.patches(table, True)
    finally:
        queue.Queue.qsize.__code__ = original
        rewriting.finish()
    assert hooks(again) == 1
