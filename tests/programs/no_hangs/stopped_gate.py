"""A Lock as a gate: another thread opens it, later."""

import threading
import time

gate = threading.Lock()
gate.acquire()


def open_later():
    time.sleep(3600)
    gate.release()


threading.Thread(target=open_later, daemon=True).start()
gate.acquire()
