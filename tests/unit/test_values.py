"""Values of `tracer.values` beside those of `dataclasses`, which they stand for."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from tracer.values import field, frozen, replace


@frozen
class Point:
    """A place."""

    x: int
    y: int = 2
    name: str = field(default="", compare=False)
    tags: dict[str, int] = field(default_factory=dict)

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """A place."""

    x: int
    y: int = 2
    name: str = dataclasses.field(default="", compare=False)
    tags: dict[str, int] = dataclasses.field(default_factory=dict)


@frozen
class Key:
    a: str
    b: object = None

    def __repr__(self) -> str:
        return f"<{self.a}>"


def error_of(act: Any, *arguments: object, **named: object) -> tuple[type, str]:
    with pytest.raises(Exception) as caught:  # noqa: PT011 (the test is what it is)
        act(*arguments, **named)
    return type(caught.value), str(caught.value)


def test_arguments_and_defaults() -> None:
    assert list(inspect.signature(Point).parameters) == list(inspect.signature(Known).parameters)
    one, other = Point(1), Point(1)
    assert (one.x, one.y, one.name, one.tags, one.sum) == (1, 2, "", {}, 3)
    assert one.tags is not other.tags
    assert Point(1, 3, "n", {"a": 1}) == Point(x=1, y=3, tags={"a": 1}, name="m")
    assert error_of(Point) == (TypeError, error_of(Known)[1].replace("Known", "Point"))


def test_equality_and_hash_go_by_what_is_compared() -> None:
    assert Point(1, name="a") == Point(1, name="b")
    assert Point(1) != Point(2)
    assert Point(1) != Known(1)
    assert hash(Key("a", 1)) == hash(Key("a", 1))
    assert {Key("a"), Key("a"), Key("b")} == {Key("b"), Key("a")}
    assert error_of(hash, Point(1)) == error_of(hash, Known(1))  # a dictionary has none


def test_repr_is_of_all_fields_unless_the_class_has_its_own() -> None:
    assert repr(Point(1, name="n")) == repr(Known(1, name="n")).replace("Known", "Point")
    assert repr(Key("a")) == "<a>"


def test_nothing_is_assigned_or_deleted() -> None:
    for name in ("x", "other"):
        assert error_of(setattr, Point(1), name, 3)[0] is dataclasses.FrozenInstanceError
    assert error_of(delattr, Point(1), "x") == error_of(delattr, Known(1), "x")
    assert error_of(setattr, Point(1), "x", 3) == error_of(setattr, Known(1), "x", 3)
    assert not hasattr(Point(1), "__dict__")


def test_copies() -> None:
    one = Point(1, 3, "n", {"a": 1})
    for made in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert repr(made) == repr(one)
    assert repr(replace(one, x=7)) == repr(Point(7, 3, "n", {"a": 1}))


def test_dataclasses_takes_it_for_one() -> None:
    one: Any = Point(1, name="n")
    assert dataclasses.is_dataclass(one)
    assert [str(f.default) for f in dataclasses.fields(one)] == [
        str(f.default) for f in dataclasses.fields(Known)
    ]
    assert dataclasses.asdict(one) == dataclasses.asdict(Known(1, name="n"))
    assert dataclasses.replace(one, x=2) == Point(2)


def test_patterns() -> None:
    match Point(1, 5):
        case Point(x, 5):
            assert x == 1
        case _:
            pytest.fail("does not match")
