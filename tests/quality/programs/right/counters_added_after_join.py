# CLEAN: each thread counts in a Counter of its own; main adds them up
import collections
import threading

parts = []


def work(text):
    mine = collections.Counter()
    for letter in text:
        mine[letter] += 1
    parts.append(mine)


threads = [threading.Thread(target=work, args=(each,)) for each in ("ab", "ba", "ab")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(parts, collections.Counter()) == {"a": 3, "b": 3}
