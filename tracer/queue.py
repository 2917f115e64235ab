"""`from tracer import queue` instead of `import queue`: the same module, recorded.

The standard module's own classes record when there is a recording (`tracer.record()`), so this
is the standard module itself.
"""

import queue
import sys
from queue import *  # noqa: F403

from . import primitives

primitives.install()
sys.modules[__name__] = queue
