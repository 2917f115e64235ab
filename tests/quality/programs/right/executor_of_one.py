# CLEAN: a pool of one worker runs one task after the other
import concurrent.futures

total = 0


def add(amount):
    global total
    total += amount


with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
    for amount in (1, 2, 3):
        pool.submit(add, amount)
assert total == 6
