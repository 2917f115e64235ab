# REPLAYS: add_done_callback, which the thread that adds runs or the worker
import threading
from concurrent.futures import ThreadPoolExecutor

out = []
with ThreadPoolExecutor(2) as executor:
    for _ in range(300):
        future = executor.submit(int)
        future.add_done_callback(lambda f: out.append(threading.current_thread().name[:4]))
print(out.count("Main"), len(out))
