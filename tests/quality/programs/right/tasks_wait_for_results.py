# CLEAN: a task is submitted when the one before is done
import concurrent.futures

hits = 0
order = []


def hit(by):
    global hits
    hits += by
    order.append(by)
    return hits


def more(future):
    global hits
    hits += 1
    order.append("called back")


with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
    for by in range(1, 4):
        pool.submit(hit, by).result()
    last = pool.submit(hit, 4)
    last.add_done_callback(more)
assert hits == 11
with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
    total = pool.submit(hit, 0)
    concurrent.futures.wait([total])
    hits += 1
    pool.submit(hit, 1)
assert hits == 13, order
