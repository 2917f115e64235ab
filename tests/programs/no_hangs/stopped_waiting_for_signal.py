"""The main thread waits for a signal, another one for the main thread."""

import signal
import threading

ready = threading.Event()
threading.Thread(target=ready.wait, daemon=True).start()
signal.pause()
ready.set()
