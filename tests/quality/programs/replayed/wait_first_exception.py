# REPLAYS: wait until the first future has failed
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait


def work(k):
    if k == 11:
        raise KeyError(k)
    return k


with ThreadPoolExecutor(3) as executor:
    futures = [executor.submit(work, k) for k in range(30)]
    done, left = wait(futures, return_when=FIRST_EXCEPTION)
    print(len(done) + len(left), futures[11] in done)
    print([future in done for future in futures])
