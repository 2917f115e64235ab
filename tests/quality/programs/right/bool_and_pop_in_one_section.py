# CLEAN: the look and the pop are in one critical section
import threading

lock = threading.Lock()
queue = ["job"]
done = []


def work():
    with lock:
        any_left = bool(queue)
        if any_left:
            done.append(queue.pop())


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == ["job"] and queue == []
