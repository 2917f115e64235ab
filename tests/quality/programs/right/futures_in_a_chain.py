# CLEAN: each task begins when the result of the one before is there
import concurrent.futures

log = {"steps": 0}


def step():
    log["steps"] += 1


with concurrent.futures.ThreadPoolExecutor(3) as pool:
    for _ in range(3):
        pool.submit(step).result()
assert log["steps"] == 3
