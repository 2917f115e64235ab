"""`from tracer import futures` instead of `from concurrent import futures`: the same, recorded.

The standard module's own classes record when there is a recording (`tracer.record()`), so this
is the standard module itself.
"""

import sys
from concurrent import futures
from concurrent.futures import *  # noqa: F403

from . import primitives

primitives.install()
sys.modules[__name__] = futures
