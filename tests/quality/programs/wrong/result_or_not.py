# FINDS: lost-update on total
# The result may come in time or not; the number is changed either way.
import concurrent.futures

total = 0


def work():
    global total
    total += 1
    return 10


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    future = pool.submit(work)
    try:
        more = future.result(timeout=1)
    except concurrent.futures.TimeoutError:
        more = 0
    total += 5
print(total, more)
