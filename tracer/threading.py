"""`from tracer import threading` instead of `import threading`: the same, recorded.

Everything is the standard module's own, which records when there is a recording
(`tracer.record()`). Only locks are made here, so that a lock that is older than the recording
is recorded too. Attributes that are set (`excepthook`) are set on the standard module.
"""

import sys
import threading
from threading import *  # noqa: F403
from types import ModuleType
from typing import Any

from tracer import primitives
from tracer.primitives import objects

primitives.install()
_make_lock = threading.Lock


class _LockMeta(type):
    def __call__(cls) -> Any:
        return objects.remembered(_make_lock())

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, type(_make_lock()))


class Lock(metaclass=_LockMeta):  # type: ignore[no-redef]
    """threading.Lock: makes a lock, not locked."""


def RLock(*args: Any, **kwargs: Any) -> Any:  # type: ignore[no-redef]
    """threading.RLock: a new reentrant lock."""
    return objects.remembered(threading.RLock(*args, **kwargs))


class _DropIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(threading, name, value)

    def __dir__(self) -> list[str]:
        return dir(threading)


_module = _DropIn(__name__, __doc__)
_module.__dict__.update(
    Lock=Lock, RLock=RLock, __all__=threading.__all__, __file__=__file__, __spec__=__spec__
)
sys.modules[__name__] = _module
