"""`from tracer import threading` instead of `import threading`: the same module, recorded.

The standard module's own classes record when there is a recording (`tracer.record()`), so this
is the standard module itself. Locks that are older than the recording are recorded too.
"""

import sys
import threading
from threading import *  # noqa: F403

from . import primitives

primitives.install()
sys.modules[__name__] = threading
