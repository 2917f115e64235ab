# CLEAN: who gets no result in time leaves
import concurrent.futures

total = 0


def work():
    global total
    total += 1
    return 10


def add(future):
    global total
    try:
        more = future.result(timeout=20)
    except concurrent.futures.TimeoutError:
        return
    total += more


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    add(pool.submit(work))
    future = pool.submit(work)
    done, late = concurrent.futures.wait([future], timeout=20)
    if late:
        raise SystemExit(1)
    total += future.result(timeout=20)
assert total == 22
