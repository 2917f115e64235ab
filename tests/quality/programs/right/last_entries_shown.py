# CLEAN: the end of the log is only shown, and another thread drops its beginning
import threading

lock = threading.Lock()
log = list(range(10))
shown = []


def show():
    with lock:
        shown.append(len(log[-3:]))


def trim():
    with lock:
        del log[:5]


threads = [threading.Thread(target=function) for function in (show, trim, show)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(log) == 5
