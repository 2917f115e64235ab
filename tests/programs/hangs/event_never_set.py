"""Nobody ever sets the event."""

import threading

ready = threading.Event()
ready.wait()
