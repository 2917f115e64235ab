# CLEAN: the look and the act by kept methods are one critical section
import threading

lock = threading.Lock()
names = ["ann"]
add = names.append
count = names.count


def register(name):
    with lock:
        if count(name) == 0:
            add(name)


threads = [threading.Thread(target=register, args=("bob",)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert names == ["ann", "bob"]
