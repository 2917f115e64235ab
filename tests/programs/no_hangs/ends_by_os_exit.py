"""A forked child ends by os._exit, as it should."""

import os
import threading

lock = threading.Lock()
with lock:
    count = 1
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
thread = threading.Thread(target=lock.acquire)
thread.start()
thread.join()
