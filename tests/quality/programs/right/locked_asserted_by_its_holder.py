# CLEAN: who asks holds the lock
import threading

lock = threading.Lock()
total = 0


def change(amount):
    global total
    assert lock.locked()
    total += amount


def work():
    with lock:
        change(1)
        change(2)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 9
