# REPLAYS: a callback that gives the executor its next task
import threading
from concurrent.futures import ThreadPoolExecutor

order = []
ended = threading.Semaphore(0)


def next_one(future):
    k = future.result()
    order.append(k)
    if k < 40:
        executor.submit(lambda: k + 2).add_done_callback(next_one)
    else:
        ended.release()


executor = ThreadPoolExecutor(2)
for start in (0, 1):
    executor.submit(lambda: start).add_done_callback(next_one)
ended.acquire()
ended.acquire()
executor.shutdown()
print(order)
