# REPLAYS: wait and result whose time is over
import threading
from concurrent.futures import ThreadPoolExecutor, wait

go_on = threading.Event()
with ThreadPoolExecutor(2) as executor:
    futures = [executor.submit(go_on.wait), executor.submit(int)]
    done, left = wait(futures, timeout=0.05)
    print(len(done), len(left))
    try:
        futures[0].result(timeout=0.02)
    except TimeoutError:
        print("not yet")
    go_on.set()
    print(futures[0].result())
