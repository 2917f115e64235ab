# FINDS: lost-update on ranks
# `+=` of an item reads and stores.
import collections
import threading

ranks = collections.OrderedDict(a=0, b=0)


def work():
    ranks["a"] += 1
    ranks["b"] -= 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(ranks["a"])
