"""Finalizers that run while a thread is being started, and start threads and wait for them."""

import _thread
import gc
import threading

lock = threading.Lock()
num = 0


class Falls:
    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        global num
        with lock:
            num += 1
        done = _thread.allocate_lock()
        done.acquire()
        _thread.start_new_thread(done.release, ())
        done.acquire()


def work() -> None:
    with lock:
        pass


# The collection comes with each allocation of a start in turn.
for allocations in range(1, 40):
    thread = threading.Thread(target=work)
    gc.collect()
    gc.set_threshold(allocations)
    Falls()
    thread.start()
    gc.set_threshold(0)
    thread.join()
gc.collect()
print(num)
