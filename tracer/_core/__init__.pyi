"""The native core, as Python sees it. Its rooms are attributes of it."""

from . import analysis as analysis
from . import control as control
from . import hooks as hooks
from . import interpreter as interpreter
from . import os as os
from . import primitives as primitives
from . import record as record
from . import replay as replay
from . import spool as spool
from . import trace as trace

OPS: list[tuple[str, int]]
RECORDS: bool
"""Whether it can record; else it only reads traces, and the rooms for that are missing."""
