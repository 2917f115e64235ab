# FINDS: lost-update on seen
# The tasks of a ThreadPool change one number.
from multiprocessing.pool import ThreadPool

seen = 0


def look(_):
    global seen
    seen += 1


with ThreadPool(2) as pool:
    pool.map(look, range(4), chunksize=1)
print(seen)
