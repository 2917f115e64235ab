# CLEAN: what locked() says is only shown
import threading

lock = threading.Lock()
shown = []
total = 0


def work():
    global total
    if lock.locked():
        shown.append("busy")
    with lock:
        total += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 3
