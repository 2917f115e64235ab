# FINDS: lost-update on total
# The lock is released between the read and the write.
import threading

lock = threading.Lock()
total = 0


def add(amount):
    global total
    lock.acquire()
    before = total
    lock.release()
    after = before + amount
    lock.acquire()
    total = after
    lock.release()


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
