"""A thread reads from a pipe that nobody writes to, the main thread joins it."""

import os
import threading

reader, writer = os.pipe()
thread = threading.Thread(target=os.read, args=(reader, 1), daemon=True)
thread.start()
thread.join()
