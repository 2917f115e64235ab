# CLEAN: it is claimed before the lock is let go
import threading

owner = None
changed = threading.Condition()
owners = []


def claim(name):
    global owner
    with changed:
        while owner is not None:
            changed.wait()
        owner = name
    owners.append(name)
    with changed:
        owner = None
        changed.notify_all()


threads = [threading.Thread(target=claim, args=(each,)) for each in ("ann", "bob", "cid")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(owners) == ["ann", "bob", "cid"]
