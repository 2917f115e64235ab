# FINDS: atomicity-violation on users
# The lock is let go between the look and the store: both add, and the first's is lost.
import threading

lock = threading.Lock()
users = {}


def add(number):
    with lock:
        known = "ann" in users
    if not known:
        with lock:
            users["ann"] = number


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(users)
