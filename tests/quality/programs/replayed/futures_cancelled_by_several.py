# REPLAYS: threads that cancel each other's futures while workers begin them
import threading
from concurrent.futures import ThreadPoolExecutor

taken = []


def work(k):
    taken.append(k)
    return k


def cancel(futures):
    for future in futures:
        future.cancel()


with ThreadPoolExecutor(2) as executor:
    futures = [executor.submit(work, k) for k in range(40)]
    threads = [threading.Thread(target=cancel, args=(futures[k::2],)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(taken, [future.cancelled() for future in futures])
