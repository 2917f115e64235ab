# FINDS: atomicity-violation on owner
# Both wait until it is free, let the lock go, and claim it then.
import threading

owner = None
changed = threading.Condition()
owners = []


def claim(name):
    global owner
    with changed:
        while owner is not None:
            changed.wait(1)
    owner = name
    owners.append(name)
    with changed:
        owner = None
        changed.notify_all()


threads = [threading.Thread(target=claim, args=(each,)) for each in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(owners)
