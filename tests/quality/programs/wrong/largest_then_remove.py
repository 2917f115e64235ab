# FINDS: atomicity-violation on bids
# Both choose the same highest bid; the second remove raises ValueError.
import threading

bids = [5, 9, 7]


def take_highest():
    highest = max(bids)
    bids.remove(highest)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=take_highest) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
