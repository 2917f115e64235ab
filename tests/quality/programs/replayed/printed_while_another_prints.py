# REPLAYS: a print whose value waits for what another thread holds that prints
import threading

lock = threading.Lock()
asked, held = threading.Event(), threading.Event()


class Slow:
    def __str__(self):
        asked.set()
        held.wait()
        with lock:
            return "slow"


def other():
    asked.wait()
    with lock:
        held.set()
        print("other")


thread = threading.Thread(target=other)
thread.start()
print("first", Slow())
thread.join()
