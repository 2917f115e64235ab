# FINDS: atomicity-violation on pool
# Both find no attribute, and both make a list; what one has put into its own is lost.
import threading


class Owner:
    pass


owner = Owner()


def work(item):
    if not hasattr(owner, "pool"):
        owner.pool = []
    owner.pool.append(item)


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(owner.pool))
