# FINDS: lost-update on total
# The lock of the log happens to be taken after one change and before the other; it guards the log only.
import threading

log_lock = threading.Lock()
log = []
total = 0


def first():
    global total
    total += 1
    with log_lock:
        log.append("first")


def second():
    global total
    with log_lock:
        log.append("second")
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
