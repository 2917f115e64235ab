# FINDS: lost-update on count
# Threads of _thread are threads as any other.
import _thread

count = 0
locks = [_thread.allocate_lock() for _ in range(3)]


def work(done):
    global count
    count += 1
    done.release()


for lock in locks:
    lock.acquire()
    _thread.start_new_thread(work, (lock,))
for lock in locks:
    lock.acquire()
print(count)
