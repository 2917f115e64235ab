# FINDS: lost-update on stats
# update is one step, but what it stores was computed before.
import threading

stats = {"count": 0, "sum": 0}


def add(number):
    stats.update(count=stats["count"] + 1, sum=stats["sum"] + number)


threads = [threading.Thread(target=add, args=(each,)) for each in (3, 4, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(stats)
