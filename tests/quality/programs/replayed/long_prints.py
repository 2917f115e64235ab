# REPLAYS: texts of many characters, by several threads
import threading
import time

began = time.time_ns()


def work(k):
    for i in range(5):
        print("x" * 300, k, i, began, "y" * 10_000)


threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
