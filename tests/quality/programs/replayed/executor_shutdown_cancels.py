# REPLAYS: shutdown(cancel_futures=True) while workers take tasks
import threading
from concurrent.futures import ThreadPoolExecutor

begun = threading.Event()
done = []


def work(k):
    begun.set()
    done.append(k)


executor = ThreadPoolExecutor(3)
futures = [executor.submit(work, k) for k in range(60)]
begun.wait()
executor.shutdown(wait=True, cancel_futures=True)
print(sorted(done), sum(future.cancelled() for future in futures))
