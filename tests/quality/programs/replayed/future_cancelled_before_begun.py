# REPLAYS: a future that is cancelled before a worker has begun it
import time
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(1) as executor:
    futures = [executor.submit(time.sleep, 0.01) for _ in range(3)]
    print(futures[2].cancel())
print([future.cancelled() for future in futures])
