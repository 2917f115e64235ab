"""A handler of the signal ends the main thread's wait."""

import signal
import threading

stop = threading.Event()
lock = threading.Lock()
signal.signal(signal.SIGINT, lambda *_: stop.set())


def work():
    with lock:
        pass


thread = threading.Thread(target=work)
thread.start()
thread.join()
stop.wait()
