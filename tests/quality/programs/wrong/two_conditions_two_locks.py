# FINDS: lost-update on size
# Each Condition has a lock of its own; both functions change the size.
import threading

not_full = threading.Condition()
not_empty = threading.Condition()
size = 0


def put():
    global size
    for _ in range(2):
        with not_full:
            size += 1


def get():
    global size
    for _ in range(2):
        with not_empty:
            size -= 1


threads = [threading.Thread(target=function) for function in (put, get)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(size)
