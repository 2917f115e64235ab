# CLEAN: both may look first; what they call then only reads
import threading

warned = False
limits = {"low": 1, "high": 9}


def once(function):
    def inner():
        global warned
        if not warned:
            warned = True
            return function()
        return None

    return inner


warn = once(lambda: max(limits.values()))

threads = [threading.Thread(target=warn) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert warned
