# FINDS: lost-update on count
# The lock is released in the middle, to call somebody.
import threading

lock = threading.Lock()
count = 0
told = []


def work():
    global count
    lock.acquire()
    before = count
    lock.release()
    told.append(before)
    lock.acquire()
    count = before + 1
    lock.release()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)
