# FINDS: lost-update on counts
# Both threads have the same key, for they have the same role.
import threading

counts = {"worker": 0}


def work(role):
    for _ in range(2):
        counts[role] += 1


threads = [threading.Thread(target=work, args=(each,)) for each in ("worker", "worker")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
