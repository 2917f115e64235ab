# FINDS: lost-update on jobs
# A task submits another, which changes the number that its giver changes.
import concurrent.futures

jobs = 0


def inner():
    global jobs
    jobs += 1


def outer(pool):
    global jobs
    future = pool.submit(inner)
    jobs += 1
    future.result()


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    pool.submit(outer, pool).result()
print(jobs)
