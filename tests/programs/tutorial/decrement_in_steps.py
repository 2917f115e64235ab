import threading
import time

num = 100


def work():
    global num
    taken = num
    time.sleep(0.1)
    num = taken - 1


threads = [threading.Thread(target=work) for _ in range(100)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("lost", num > 0)
