# FINDS: atomicity-violation on pages
# The index is of a length that another's pop makes wrong.
import threading

pages = ["a", "b"]


def take_last():
    last = len(pages) - 1
    del pages[last]


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=take_last) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(pages)
