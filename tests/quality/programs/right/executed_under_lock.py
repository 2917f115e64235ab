# CLEAN: the lock is held while the text runs
import threading

steps = 0
lock = threading.Lock()


def work():
    for _ in range(2):
        with lock:
            exec("steps += 1", globals())


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert steps == 4
