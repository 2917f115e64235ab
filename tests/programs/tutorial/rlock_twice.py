import threading
import time

num, num2 = 0, 0
lock = threading.RLock()


def first():
    global num
    with lock:
        num += 1
        return num


def second():
    global num2
    with lock:
        num2 += 1
        return num2


def both():
    with lock:
        first()
        second()


for _ in range(10):
    threading.Thread(target=both).start()
while threading.active_count() != 1:
    time.sleep(0.01)
print(num, num2)
