# CLEAN: the log has its lock, the total another
import threading

log_lock = threading.Lock()
total_lock = threading.Lock()
log = []
total = 0


def work(name):
    global total
    with total_lock:
        total += 1
    with log_lock:
        log.append(name)


threads = [threading.Thread(target=work, args=(each,)) for each in "ab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 2 and sorted(log) == ["a", "b"]
