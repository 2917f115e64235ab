# CLEAN: the search and the append are one critical section
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


threads = [threading.Thread(target=ensure, args=("bob",)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert users == ["ann", "bob"]
