import threading
import time

num = 100


def work():
    global num
    print("num is", num)
    time.sleep(1)
    num -= 1


threads = [threading.Thread(target=work) for _ in range(100)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("final", num)
