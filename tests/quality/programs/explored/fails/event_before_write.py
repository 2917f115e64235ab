# FAILS: AssertionError
# The event that announces the value is set before the value is written.
import threading

ready = threading.Event()
value = None


def write():
    global value
    ready.set()
    value = 42


writer = threading.Thread(target=write)
writer.start()
ready.wait()
assert value == 42
writer.join()
