# FINDS: atomicity-violation on owner
# Both find no owner, and both become it.
import threading

owner = None
owners = []


def own(name):
    global owner
    try:
        assert owner is None
    except AssertionError:
        return
    owner = name
    owners.append(name)


threads = [threading.Thread(target=own, args=(each,)) for each in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(owners)
