# CLEAN: who decides does it under the lock, and looks there
import threading

lock = threading.Lock()
state = "open"
decided = []


def decide(what):
    global state
    with lock:
        if state != "open":
            return
        state = what
    decided.append(what)


timer = threading.Timer(0.001, decide, ("timed out",))
timer.start()
decide("answered")
timer.join()
assert len(decided) == 1
