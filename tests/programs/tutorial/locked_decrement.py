import threading
import time

num = 100
lock = threading.Lock()


def work():
    global num
    time.sleep(0.2)
    lock.acquire()
    num -= 1
    lock.release()


threads = [threading.Thread(target=work) for _ in range(100)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("final", num)
