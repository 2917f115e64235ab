# CLEAN: the thread asks for the lock that it holds itself
import threading

lock = threading.Lock()
total = 0


def work(early):
    global total
    lock.acquire()
    held = True
    try:
        total += 1
        if early:
            lock.release()
            held = False
    finally:
        if held and lock.locked():
            lock.release()


threads = [threading.Thread(target=work, args=(n % 2,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 4
