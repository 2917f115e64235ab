import threading

count = 0
lock = threading.Lock()


def add():
    global count
    with lock:
        count += 1


threads = [threading.Thread(target=add) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 3
