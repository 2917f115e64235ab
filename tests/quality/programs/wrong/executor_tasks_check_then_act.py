# FINDS: atomicity-violation on cache
# Two tasks find nothing under the key, and both make one.
import concurrent.futures

cache = {}


def load(key):
    if key not in cache:
        cache[key] = [key]
    cache[key].append(1)


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for key in "aab":
        pool.submit(load, key)
print(len(cache["a"]))
