# FINDS: atomicity-violation on names
# Both go over a copy of the names; what one has removed the other can't remove.
import threading

names = {"ann", "bob"}


def clear():
    for name in sorted(names):
        names.remove(name)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)

threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
