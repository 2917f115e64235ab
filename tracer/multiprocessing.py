"""`from tracer import multiprocessing` in place of `import multiprocessing`: the same, recorded.

The standard module's own classes, and those of its contexts, record when there is a recording
(`tracer.record()`), in this process and in those that it makes meanwhile, so this is the standard
module itself.
"""

import multiprocessing
import sys
from multiprocessing import *  # noqa: F403

from . import primitives

primitives.install()
sys.modules[__name__] = multiprocessing
