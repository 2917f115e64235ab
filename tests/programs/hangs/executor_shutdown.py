"""The executor waits at the end of its block for a task that waits for what comes after it."""

import threading
from concurrent.futures import ThreadPoolExecutor

done = threading.Event()
with ThreadPoolExecutor(2) as pool:
    pool.submit(done.wait)
done.set()
