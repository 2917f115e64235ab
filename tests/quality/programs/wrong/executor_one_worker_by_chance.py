# FINDS: lost-update on hits
# The pool may have four workers; that one of them was quick enough for all is chance.
import concurrent.futures

hits = 0


def hit():
    global hits
    hits += 1


with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
    for _ in range(3):
        pool.submit(hit)
print(hits)
