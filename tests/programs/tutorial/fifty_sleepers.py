import threading
import time


def work():
    time.sleep(2)


threads = [threading.Thread(target=work) for _ in range(50)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("all done")
