"""Plain values: classes of fields that are never assigned to again.

`@frozen` makes of a class what `dataclass(frozen=True, slots=True)` does, and `replace`, `fields`
and the like of `dataclasses` take it for one; but it is made in a fifth of the time, which counts
where a command is to start at once.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")
_MISSING: Any = object()


class _Field:
    """What is said of a field beside its type."""

    def __init__(self, default: Any, factory: Callable[[], Any] | None, compare: bool) -> None:
        self.default = default
        self.factory = factory
        self.compare = compare


def field(
    *,
    default: Any = _MISSING,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
) -> Any:
    """A field with a default, or one that is made for each value; `compare` says whether values
    that differ in it are different."""
    return _Field(default, default_factory, compare)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_T]) -> type[_T]:
    """The class with the annotated names as its fields: slots, `__init__`, comparison, hash, repr
    and pickling by them."""
    namespace = dict(vars(cls))
    names = tuple(cls.__annotations__)
    fields = {name: _field(namespace.pop(name, _MISSING)) for name in names}
    compared = attrgetter(*(name for name, one in fields.items() if one.compare))
    for name in ("__dict__", "__weakref__"):
        namespace.pop(name, None)
    make: Callable[..., type[Any]] = type(cls)
    made = make(
        cls.__name__,
        cls.__bases__,
        {
            "__repr__": _repr,
            "__eq__": _equality(compared),
            "__hash__": lambda self: hash(compared(self)),
            **namespace,
            "__slots__": names,
            "__match_args__": names,
            "__setattr__": _setattr,
            "__delattr__": _delattr,
            "__getstate__": _getstate,
            "__setstate__": _setstate,
            "__replace__": replace,
            "__dataclass_fields__": _OfDataclass(fields),
            "__dataclass_params__": _OfDataclass(fields),
        },
    )
    made.__init__ = _init(made, fields)
    return made


def replace(one: _T, /, **changes: Any) -> _T:
    """The value with other contents of some fields."""
    kept = {name: getattr(one, name) for name in type(one).__slots__}  # type: ignore[attr-defined]
    return type(one)(**{**kept, **changes})


def _field(given: Any) -> _Field:
    return given if isinstance(given, _Field) else _Field(given, None, True)


def _init(cls: type, fields: dict[str, _Field]) -> Any:
    scope: dict[str, Any] = {"_MISSING": _MISSING}
    parameters, lines = ["self"], []
    for name, one in fields.items():
        scope[f"_set_{name}"] = vars(cls)[name].__set__
        given = name
        if one.factory is not None:
            scope[f"_make_{name}"] = one.factory
            parameters.append(f"{name}=_MISSING")
            given = f"_make_{name}() if {name} is _MISSING else {name}"
        elif one.default is not _MISSING:
            scope[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f" _set_{name}(self, {given})")
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines), scope)
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


@recursive_repr()
def _repr(self: Any) -> str:
    parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
    return f"{type(self).__qualname__}({parts})"


def _equality(compared: Callable[[Any], object]) -> Callable[[Any, Any], bool]:
    def __eq__(self: Any, other: Any) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(compared(self) == compared(other))

    return __eq__


def _setattr(self: Any, name: str, given: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[object]:
    return [getattr(self, name) for name in self.__slots__]


def _setstate(self: Any, state: list[object]) -> None:
    for name, given in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, given)


class _OfDataclass:
    """What `dataclasses` finds of one of its own, made when it asks."""

    def __init__(self, fields: dict[str, _Field]) -> None:
        self.fields = fields

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        from dataclasses import MISSING, dataclass
        from dataclasses import field as field_of

        namespace: dict[str, Any] = {"__annotations__": owner.__annotations__}
        for name, one in self.fields.items():
            namespace[name] = field_of(
                default=MISSING if one.default is _MISSING else one.default,
                default_factory=one.factory or MISSING,
                compare=one.compare,
            )
        twin: type = dataclass(frozen=True)(type(owner.__name__, (), namespace))
        found = getattr(twin, self._name)
        setattr(owner, self._name, found)
        return found
