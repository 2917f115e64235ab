"""What can be read of functions' code, taken out of the process, and made of it."""

import dis
import importlib
import inspect
import io
import marshal
import pickle
import sys
import threading
import traceback
import types
from collections.abc import Callable
from types import CodeType, FunctionType

count = 0
table = {"n": 0, "values": [1, 2]}


class Account:
    """Has what is rewritten: attributes, items, closures, globals."""

    limit = 10

    def __init__(self) -> None:
        self.balance = 0
        self.log: list[int] = []

    def deposit(self, amount: int) -> int:
        self.balance += amount
        self.log.append(amount)
        if amount > self.limit:
            raise ValueError(
                self.log[
                    -1
                ]
            )
        return self.balance


def work(k: int) -> int:
    global count
    count += k
    table["n"] += k
    return table["n"] + len(table["values"]) + sum(x for x in table["values"] if x in table)


def closure() -> Callable[[], int]:
    value = 0

    def inner() -> int:
        nonlocal value
        value += 1
        return value

    return inner


async def coroutine() -> None:
    async with threading.Lock():  # type: ignore[attr-defined]
        table["n"] = 3


FUNCTIONS = [work, closure, closure(), Account, Account.deposit, Account.__init__, coroutine]
FIELDS = (
    "co_argcount co_cellvars co_code co_exceptiontable co_firstlineno co_flags co_freevars "
    "co_kwonlyargcount co_linetable co_name co_names co_nlocals co_posonlyargcount co_qualname "
    "co_stacksize co_varnames"
).split()


def tell(code: CodeType, depth: int = 0) -> None:
    print(depth, [getattr(code, field) for field in FIELDS])
    print([c for c in code.co_consts if not isinstance(c, CodeType)])
    print(list(code.co_positions()) == list(code.replace().co_positions()), list(code.co_lines()))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            tell(constant, depth + 1)


for function in FUNCTIONS:
    text = io.StringIO()
    dis.dis(function, file=text)
    print(text.getvalue())
    if isinstance(function, FunctionType):
        tell(function.__code__)
        print(inspect.getclosurevars(function).nonlocals, inspect.signature(function))

# Out of the process, and back.
code = work.__code__
data = marshal.dumps(code)
again = marshal.loads(data)
print(again == code, hash(again) == hash(code), again != closure.__code__, code in [again])
print(types.FunctionType(again, {"count": 5, "table": {"n": 7, "values": []}})(2))
for container in ([code], (1, code), {"code": [code]}, {code}, frozenset({code})):
    print(type(marshal.loads(marshal.dumps(container))))
file = io.BytesIO()
marshal.dump([closure.__code__], file)
print(marshal.loads(file.getvalue())[0].co_consts[1:2])
for bad in (object(), [object()], code.replace, [code, object()]):
    try:
        marshal.dumps(bad)
    except ValueError as error:
        print(error)


def make_code(*parts: object) -> CodeType:
    return CodeType(*parts)  # type: ignore[arg-type]


def make_function(code: CodeType) -> FunctionType:
    return FunctionType(code, {"count": 1, "table": {"n": 1, "values": [2]}})


class ByValue(pickle.Pickler):
    """Pickles functions with their code, as libraries for distributed computing do."""

    def reducer_override(self, value: object) -> object:
        if isinstance(value, CodeType):
            parts = (
                "argcount posonlyargcount kwonlyargcount nlocals stacksize flags code consts names "
                "varnames filename name qualname firstlineno linetable exceptiontable freevars "
                "cellvars"
            )
            return make_code, tuple(getattr(value, f"co_{part}") for part in parts.split())
        if value is work:
            return make_function, (work.__code__,)
        return NotImplemented


file = io.BytesIO()
ByValue(file).dump(work)
print(pickle.loads(file.getvalue())(40))

# The same object everywhere, and new ones made of it.
frame = sys._getframe()
print(frame.f_code.co_consts is frame.f_code.co_consts, work.__code__ in frame.f_code.co_consts)
print(any(work.__code__ is constant for constant in frame.f_code.co_consts))
renamed = code.replace(co_name="renamed", co_filename="elsewhere.py")
print(renamed.co_name, renamed.co_filename, renamed == code, renamed.co_consts == code.co_consts)
work.__code__ = renamed
print(work(1), count)
changed = code.replace(co_consts=tuple(2 if c == "n" else c for c in code.co_consts))
work.__code__ = code
print(work(1), changed.co_consts[-2:], changed.co_names)
try:
    code.replace(co_nonsense=1)
except TypeError as error:
    print(error)
assert __spec__ is None
main = importlib.machinery.SourceFileLoader("__main__", __file__).get_code("__main__")
assert main is not None
print(main.co_names[:3], main == frame.f_code)

# Where they are.
try:
    Account().deposit(11)
except ValueError as error:
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        position = list(code.co_positions())[trace.tb_lasti // 2]
        print(position[:2], dis.opname[code.co_code[trace.tb_lasti]], trace.tb_frame.f_lineno)
        trace = trace.tb_next
    print("".join(traceback.format_exception(error)))


def generator() -> object:
    yield sys._getframe()
    table["n"] = 8
    yield table["n"]


steps = generator()
print(steps.gi_frame.f_lasti)  # type: ignore[attr-defined]
for _ in steps:  # type: ignore[attr-defined]
    here = steps.gi_frame  # type: ignore[attr-defined]
    print(list(here.f_code.co_positions())[here.f_lasti // 2][:2], here.f_lineno)
