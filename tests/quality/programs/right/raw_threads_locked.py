# CLEAN: raw threads that hold a lock, and release one each when they are done
import _thread

count = 0
guard = _thread.allocate_lock()
ends = [_thread.allocate_lock() for _ in range(3)]


def work(end):
    global count
    with guard:
        count += 1
    end.release()


for end in ends:
    end.acquire()
    _thread.start_new_thread(work, (end,))
for end in ends:
    end.acquire()
assert count == 3
