"""The functions and methods whose calls the rewriter knows by name."""

from __future__ import annotations

from typing import Literal

# Methods of list, dict, set, deque, bytearray and array that read or change the contents, also as a
# subclass calls those of its base.
METHODS = frozenset(
    [
        "__contains__",
        "__delitem__",
        "__getitem__",
        "__iter__",
        "__len__",
        "__reversed__",
        "__setitem__",
        "add",
        "append",
        "appendleft",
        "byteswap",
        "clear",
        "copy",
        "count",
        "difference",
        "difference_update",
        "discard",
        "elements",
        "extend",
        "extendleft",
        "frombytes",
        "fromlist",
        "get",
        "index",
        "insert",
        "intersection",
        "intersection_update",
        "isdisjoint",
        "issubset",
        "issuperset",
        "items",
        "keys",
        "most_common",
        "move_to_end",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "reverse",
        "rotate",
        "setdefault",
        "sort",
        "subtract",
        "symmetric_difference",
        "symmetric_difference_update",
        "tobytes",
        "tolist",
        "total",
        "tounicode",
        "union",
        "update",
        "values",
    ]
)
# Builtins that read the whole of a container that they are given.
READERS = frozenset(
    [
        "all",
        "any",
        "dict",
        "enumerate",
        "filter",
        "frozenset",
        "iter",
        "list",
        "map",
        "max",
        "min",
        "reversed",
        "set",
        "sorted",
        "sum",
        "tuple",
        "zip",
    ]
)
# Functions of the standard library that change a container that they are given, and those that read
# one (`core/src/hooks/library.rs` has the modules).
CHANGERS = frozenset(
    [
        "heapify",
        "heappop",
        "heappush",
        "heappushpop",
        "heapreplace",
        "insort",
        "insort_left",
        "insort_right",
        "shuffle",
    ]
)
LIBRARY = CHANGERS | frozenset(
    [
        "Counter",
        "OrderedDict",
        "bisect",
        "bisect_left",
        "bisect_right",
        "chain",
        "choice",
        "choices",
        "copy",
        "cycle",
        "deepcopy",
        "defaultdict",
        "deque",
        "dump",
        "dumps",
        "fmean",
        "fsum",
        "islice",
        "join",
        "mean",
        "median",
        "merge",
        "nlargest",
        "nsmallest",
        "pformat",
        "pprint",
        "prod",
        "reduce",
        "sample",
        "stdev",
        "zip_longest",
    ]
)
# Builtins whose result is made of their arguments and nothing else.
PURE = READERS | frozenset(
    [
        "abs",
        "bool",
        "bytes",
        "chr",
        "divmod",
        "float",
        "format",
        "int",
        "isinstance",
        "len",
        "ord",
        "pow",
        "range",
        "repr",
        "round",
        "str",
    ]
)
# Builtins that give a dict of variables.
NAMESPACES = frozenset(["globals", "vars"])
# Builtins that run source text.
TEXTS = frozenset(["eval", "exec"])
# Builtins that access an attribute, with the numbers of arguments that they take.
ATTRIBUTES = {"getattr": (2, 3), "hasattr": (2, 2), "setattr": (3, 3), "delattr": (2, 2)}
# Calls of primitives: what a check-then-act on one of them reads, and what it does.
CHECKS = frozenset(
    [
        "active_count",
        "cancelled",
        "done",
        "empty",
        "full",
        "get_value",
        "is_alive",
        "is_set",
        "locked",
        "poll",
        "qsize",
        "running",
    ]
)
ACTS = frozenset(
    [
        "abort",
        "acquire",
        "cancel",
        "clear",
        "get",
        "get_nowait",
        "join",
        "notify",
        "notify_all",
        "put",
        "put_nowait",
        "release",
        "reset",
        "set",
        "set_exception",
        "set_result",
        "task_done",
        "wait",
    ]
)
# What gives a number or a place that rests on all that is in a container, beside `len`, or one of
# its keys that is chosen by that.
COUNTS = frozenset(
    ["bisect", "bisect_left", "bisect_right", "count", "index", "iter", "max", "min"]
)
# Acts that change what an event says.
ANSWERS = frozenset(["clear", "set"])
# Methods that take out what they count on.
TAKES = frozenset(["get", "get_nowait", "pop", "popitem", "popleft", "remove"])
# Methods that put something in.
FILLS = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "extend",
        "extendleft",
        "insert",
        "put",
        "put_nowait",
        "setdefault",
        "update",
    ]
)
# What an act may do to what it counts on.
Resizes = Literal["takes", "fills"]


def resizes(method: str) -> Resizes | None:
    """Whether a method of this name takes something out, or puts something in."""
    if method in TAKES:
        return "takes"
    return "fills" if method in FILLS else None


# Methods and functions that start threads, or serve as the program's main loop, in the standard
# library and in what is written in its likeness.
STARTERS = frozenset(
    [
        "apply",
        "apply_async",
        "eval",
        "exec",
        "imap",
        "imap_unordered",
        "main",
        "map",
        "map_async",
        "run",
        "run_forever",
        "run_in_executor",
        "run_until_complete",
        "serve_forever",
        "spawn",
        "starmap",
        "starmap_async",
        "start",
        "start_new",
        "start_new_thread",
        "start_soon",
        "submit",
        "to_thread",
    ]
)
# Methods of the program's that others may call than the program.
OPEN = STARTERS | frozenset(["close", "flush", "read", "readline", "readlines", "write"])
# Methods that are not looked at as attributes unless the module stores something under their name:
# those of builtin types, files and primitives.
PLAIN = (
    METHODS
    | CHECKS
    | ACTS
    | STARTERS
    | frozenset(name for kind in (str, bytes, int, float, list, dict, set) for name in dir(kind))
    | frozenset(
        [
            "cancel",
            "close",
            "done",
            "fileno",
            "flush",
            "poll",
            "read",
            "readline",
            "readlines",
            "recv",
            "result",
            "seek",
            "send",
            "shutdown",
            "tell",
            "terminate",
            "throw",
            "truncate",
            "wait_for",
            "write",
            "writelines",
        ]
    )
)
