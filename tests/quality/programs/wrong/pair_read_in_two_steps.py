# FINDS: data-race | atomicity-violation on low, high
# The writer changes both under the lock; the reader reads them apart: low may be above high.
import threading

lock = threading.Lock()
low, high = 0, 1
failed = []


def move():
    global low, high
    with lock:
        low, high = low + 10, high + 10


def look():
    a = low
    b = high
    if a > b:
        failed.append((a, b))


threads = [threading.Thread(target=function) for function in (look, move, look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
