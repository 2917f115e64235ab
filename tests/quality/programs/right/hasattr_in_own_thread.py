# CLEAN: each thread looks at an object of its own
import threading


class Owner:
    pass


results = []


def work(item):
    owner = Owner()
    if not hasattr(owner, "pool"):
        owner.pool = []
    owner.pool.append(item)
    results.append(owner.pool)


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(results) == [[1], [2]]
