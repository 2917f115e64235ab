"""A process with threads forks, and tells what CPython says of it."""

import os
import threading
import warnings

stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
[warning] = caught
print(os.getpid(), warning.message, flush=True)
assert f"(pid={os.getpid()})" in str(warning.message)
stop.set()
thread.join()
