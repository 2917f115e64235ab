# FINDS: atomicity-violation on leases
# Both find the lease, and the second del raises KeyError.
import threading

leases = {"disk": 1}


def release():
    if "disk" in leases:
        del leases["disk"]


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=release) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
