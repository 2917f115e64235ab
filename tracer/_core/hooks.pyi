"""What rewritten code calls, and where it calls it."""

import ast
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

def shared_types(raw: Sequence[type], wrappers: Sequence[type]) -> None:
    """Tells of types: those of ctypes objects that may lie in memory that processes share, and of
    their wrappers."""

def shared_get(object: object, name: str) -> object:
    """`object.name`; an access to memory that processes share, if it is so."""

def shared_set(object: object, name: str, value: object) -> None: ...
def shared_get_item(object: object, key: object) -> object: ...
def shared_set_item(object: object, key: object, value: object) -> None: ...
def shared_item(op: int, number: int, index: int, value: object) -> None:
    """Records an access to an item of a shared object that was made by other means."""

class managed:
    """See `Line.managed`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

def enter(description: bytes, filename: str, module: str, by_name: dict[str, int]) -> list[object]:
    """Makes the sites and flows of a rewritten module known, for every recording of this process:
    `description` is a marshalled `tracer.instrument.description.Description`, `filename` that of
    the source, `module` what the trace calls it. `by_name` has the numbers of the nodes that
    modules share, and is added to. Returns the hooks, in their order. Raises ValueError for a
    number of a site or a kind of hook that there is not."""

def add_module(name: str, label: str, data: list[str]) -> None:
    """Tells the hooks about a rewritten module: its `__name__`, what its globals are called in
    the trace, and which of them hold data."""

def place_globals() -> None:
    """Says of the objects of the recording where they lie in modules that had been imported before
    it began: a name that is bound once is no access."""

def compile_warning(
    source: str | bytes | ast.AST, filename: str, mode: str, flags: int, action: str
) -> Any:
    """What the builtin `compile` gives, with an action of the `warnings` module ("error", "ignore")
    for each warning; other threads, and what was shown already, are not concerned."""

def set_text_compiler(
    function: Callable[[str, dict[str, object], str, bool, int], CodeType | None],
) -> None:
    """What makes code of a text that is given to `exec` or `eval`; None: it is left to these."""
