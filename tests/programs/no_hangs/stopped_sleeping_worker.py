"""The main thread waits for a thread that sleeps."""

import threading
import time

thread = threading.Thread(target=time.sleep, args=(3600,), daemon=True)
thread.start()
thread.join()
