"""The bell rings, and stops, before the late guest listens."""

import threading

bell = threading.Event()
rung = threading.Event()


def guest():
    rung.wait()
    bell.wait()


late = threading.Thread(target=guest, name="late")
late.start()
bell.set()
bell.clear()
rung.set()
late.join()
