# FINDS: atomicity-violation | data-race on leases
# Another thread deletes what the loop goes over: RuntimeError.
import threading

leases = {"a": 1, "b": 2, "c": 3}


def end(name):
    del leases[name]


def count():
    for name, age in leases.items():
        if age > 2:
            name.upper()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=count)]
threads += [threading.Thread(target=end, args=(name,)) for name in "ab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
