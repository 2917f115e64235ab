# FINDS: atomicity-violation on online
# Both find ann, and the second remove raises ValueError.
import threading

online = ["ann", "bob"]


def leave():
    if "ann" in online:
        online.remove("ann")


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=leave) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
