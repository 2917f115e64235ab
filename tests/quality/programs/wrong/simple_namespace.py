# FINDS: lost-update on hits
# `+=` of an attribute reads and stores, whatever the object is.
import threading
import types

stats = types.SimpleNamespace(hits=0)


def work():
    for _ in range(2):
        stats.hits += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(stats.hits)
