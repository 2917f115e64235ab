# CLEAN: the flag is looked at and set under the closure's lock
import threading


def once(function):
    lock = threading.Lock()
    called = False

    def inner():
        nonlocal called
        with lock:
            if called:
                return
            called = True
        function()

    return inner


runs = []
start = once(lambda: runs.append(1))

threads = [threading.Thread(target=start) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert runs == [1]
