# FAILS: no thread can go on
# A task waits for a task of its own pool: with one worker at hand it waits forever.
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)


def outer():
    return pool.submit(int).result()


futures = [pool.submit(outer) for _ in range(2)]
print([future.result() for future in futures])
