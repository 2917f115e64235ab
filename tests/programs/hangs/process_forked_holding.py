"""A thread forks while it holds the lock that its child then takes."""

import os
import threading

guard = threading.Lock()
with guard:
    pid = os.fork()
    if pid == 0:
        with guard:
            os._exit(0)
    os.waitpid(pid, 0)
