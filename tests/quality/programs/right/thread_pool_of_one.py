# CLEAN: one worker does one task after the other
from multiprocessing.pool import ThreadPool

hits = 0
seen = []


def look(number):
    global hits
    hits += 1
    if len(seen) < 2:
        seen.append(number)


with ThreadPool(1) as pool:
    pool.map(look, range(4), chunksize=1)
assert hits == 4 and seen == [0, 1]
