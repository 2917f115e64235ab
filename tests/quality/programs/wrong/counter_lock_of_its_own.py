# FINDS: lost-update on tally
# Each thread makes a lock of its own, which keeps nobody out.
import threading

tally = 0


def work():
    global tally
    lock = threading.Lock()
    for _ in range(2):
        with lock:
            tally += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tally)
