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

def add_site(
    file: str,
    line: int,
    column: int,
    end_line: int,
    end_column: int,
    function: str,
    text: str,
    opaque: bool,
    sources: list[int],
    guards: list[int],
) -> int:
    """Adds a site of rewritten code; returns its number, which is good for every recording of
    this process. `sources` and `guards` are numbers of sites added before."""

def add_flows(
    flows: list[tuple[int, int, bool, list[int], list[int], list[int]]],
    mentioned: list[int],
    counting: list[int],
    bodies: list[tuple[int, int]],
) -> None:
    """Adds what a module's flows are: role and target (a node, or the number of a site), whether it
    is opaque, the sites and nodes that it is made of, and the nodes of which only the reads
    count (`core/src/spool/flows.rs`). Nodes have numbers of the caller's choice.

    `mentioned`: functions that are not only called by their names; `counting`: sites whose value
    rests on all that is in a container; `bodies`: each act with the function that it is in."""

def make_hook(
    kind: str, site: int, name: str | None, module: str, operator: str, partner: object | None
) -> object:
    """A hook for rewritten code, of one of the kinds of `core/src/hooks`: for the site with this
    number, 0 for none; the name of the global, cell or attribute; its module; the operator ("+=")
    of an augmented assignment, and the hook of the write that belongs to its read."""

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
