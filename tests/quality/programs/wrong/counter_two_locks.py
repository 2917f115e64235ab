# FINDS: lost-update on level
# Each function holds another lock, so the two run side by side.
import threading

up_lock = threading.Lock()
down_lock = threading.Lock()
level = 0


def up():
    global level
    for _ in range(2):
        with up_lock:
            level += 1


def down():
    global level
    for _ in range(2):
        with down_lock:
            level -= 1


threads = [threading.Thread(target=function) for function in (up, down)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(level)
