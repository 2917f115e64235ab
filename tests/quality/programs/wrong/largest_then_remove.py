# FINDS: atomicity-violation on bids
# Both choose the same highest bid; the second remove raises ValueError.
import threading

bids = [5, 9, 7]
failed = []


def take_highest():
    highest = max(bids)
    try:
        bids.remove(highest)
    except ValueError:
        failed.append(highest)


threads = [threading.Thread(target=take_highest) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
