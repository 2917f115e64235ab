# CLEAN: only main changes the dict
import concurrent.futures

found = {}


def length(word):
    return word, len(word)


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(length, word) for word in ("a", "bb", "ccc")]
    for future in concurrent.futures.as_completed(futures):
        word, size = future.result()
        found[word] = size
assert found == {"a": 1, "bb": 2, "ccc": 3}
