# CLEAN: the store looks again, under the lock, whether the number is still the one that was read
import threading

lock = threading.Lock()
value = 0


def compare_and_set(old, new):
    global value
    with lock:
        if value != old:
            return False
        value = new
        return True


def work():
    while True:
        old = value
        if compare_and_set(old, old + 1):
            return


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 3
