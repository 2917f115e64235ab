# CLEAN: the search and the append are under one lock
import threading

lock = threading.Lock()
users = ["ann"]


def find(name):
    for user in users:
        if user == name:
            return user
    return None


def ensure(name):
    with lock:
        if find(name) is None:
            users.append(name)


threads = [threading.Thread(target=ensure, args=(each,)) for each in ("bob", "bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(users) == ["ann", "bob", "cy"]
