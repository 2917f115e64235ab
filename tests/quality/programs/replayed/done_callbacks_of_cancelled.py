# REPLAYS: callbacks of futures that are done, cancelled or fail
from concurrent.futures import ThreadPoolExecutor

out = []


def work(k):
    if k % 3 == 0:
        raise ValueError(k)
    return k


def note(future):
    out.append("cancelled" if future.cancelled() else repr(future.exception()))


with ThreadPoolExecutor(2) as executor:
    futures = [executor.submit(work, k) for k in range(60)]
    for future in futures:
        future.add_done_callback(note)
    for future in futures[::2]:
        future.cancel()
print(out)
