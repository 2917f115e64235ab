# FINDS: lost-update on count
# `reset_some` does not hold the lock that `work` holds.
import threading

lock = threading.Lock()
count = 0


def work():
    global count
    for _ in range(2):
        with lock:
            count += 1


def reset_some():
    global count
    count -= 1


threads = [threading.Thread(target=function) for function in (work, work, reset_some)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)
