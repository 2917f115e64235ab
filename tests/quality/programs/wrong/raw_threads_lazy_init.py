# FINDS: atomicity-violation on table
# Both find None, and the second dict replaces the first.
import _thread

table = None
locks = [_thread.allocate_lock() for _ in range(2)]


def work(name, done):
    global table
    if table is None:
        table = {}
    table[name] = 1
    done.release()


for lock, name in zip(locks, "ab"):
    lock.acquire()
    _thread.start_new_thread(work, (name, lock))
for lock in locks:
    lock.acquire()
print(len(table))
