# REPLAYS: a loop that asks future.done() until it is
from concurrent.futures import ThreadPoolExecutor


def work():
    return sum(range(20000))


asked = 0
with ThreadPoolExecutor(2) as executor:
    futures = [executor.submit(work) for _ in range(10)]
    while not all(future.done() for future in futures):
        asked += 1
print(asked > 0, [future.done() for future in futures])
