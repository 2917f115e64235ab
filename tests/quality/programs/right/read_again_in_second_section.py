# CLEAN: what is stored rests on what is read in the same critical section
import threading

lock = threading.Lock()
count = 0
seen = []


def work():
    global count
    with lock:
        before = count
    seen.append(before)
    with lock:
        count = count + 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 3
