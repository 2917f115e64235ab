# REPLAYS: as_completed whose time is over while its caller works
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def work(k):
    return sum(range(k * 1000))


out = []
with ThreadPoolExecutor(2) as executor:
    for _ in range(3):
        futures = [executor.submit(work, k) for k in range(12)]
        try:
            for future in as_completed(futures, timeout=0.004):
                began = time.perf_counter()
                while time.perf_counter() - began < 0.0006:
                    pass
                out.append(future.result())
        except TimeoutError:
            out.append("over")
print(out)
