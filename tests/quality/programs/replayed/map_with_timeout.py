# REPLAYS: executor.map whose time is over
import threading
from concurrent.futures import ThreadPoolExecutor

go_on = threading.Event()


def work(k):
    if k == 3:
        go_on.wait()
    return k


with ThreadPoolExecutor(2) as executor:
    try:
        for k in executor.map(work, range(8), timeout=0.1):
            print(k)
    except TimeoutError:
        print("time is over")
    go_on.set()
