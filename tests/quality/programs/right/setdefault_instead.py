# CLEAN: setdefault is one step, and all use what it returns
import threading

groups = {}


def put(number):
    groups.setdefault("all", []).append(number)


threads = [threading.Thread(target=put, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(groups["all"]) == [1, 2, 3]
