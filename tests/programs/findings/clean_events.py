"""Events as flags, done right: set by whoever comes first, a stop flag, one lock over both steps."""

import threading

stop, seen, started = threading.Event(), threading.Event(), threading.Event()
lock = threading.Lock()
runs, done = [], []


def work(number):
    if not seen.is_set():
        seen.set()
    with lock:
        if not started.is_set():
            started.set()
            runs.append(number)
    while not stop.is_set():
        with lock:
            done.append(number)
        if number == 2:
            stop.set()


threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(runs) == 1
