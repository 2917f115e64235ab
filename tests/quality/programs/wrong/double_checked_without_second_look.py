# FINDS: atomicity-violation on cache
# The look is outside the lock and not repeated inside: the second one in the queue makes another.
import threading

lock = threading.Lock()
cache = None
made = []


def get():
    global cache
    if cache is None:
        with lock:
            made.append(1)
            cache = {"made": len(made)}
    return cache


threads = [threading.Thread(target=get) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(made))
