"""The main thread waits for another program, an idle thread for work."""

import queue
import subprocess
import threading

threading.Thread(target=queue.Queue().get, daemon=True).start()
subprocess.run(["sleep", "20"])
