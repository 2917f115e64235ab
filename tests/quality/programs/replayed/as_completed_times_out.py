# REPLAYS: as_completed whose time is over
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

go_on = threading.Event()
with ThreadPoolExecutor(3) as executor:
    futures = {executor.submit(go_on.wait if k == 1 else int): k for k in range(3)}
    try:
        for future in as_completed(futures, timeout=0.1):
            print("done", futures[future])
    except TimeoutError as error:
        print(error)
    go_on.set()
