import threading
import time


def work(number):
    semaphore.acquire()
    time.sleep(0.05)
    semaphore.release()


semaphore = threading.BoundedSemaphore(5)
for number in range(20):
    threading.Thread(target=work, args=(number,)).start()
while threading.active_count() != 1:
    time.sleep(0.01)
print("all done")
