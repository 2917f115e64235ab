# REPLAYS: the order in which futures come out of as_completed
from concurrent.futures import ThreadPoolExecutor, as_completed


def work(k):
    return sum(range(k * 37 % 2000))


with ThreadPoolExecutor(4) as executor:
    futures = {executor.submit(work, k): k for k in range(60)}
    print([futures[future] for future in as_completed(futures)])
