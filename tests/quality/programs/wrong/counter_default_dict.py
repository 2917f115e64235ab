# FINDS: lost-update | atomicity-violation on sizes
# Both read the same number (or find none), and both store theirs.
import collections
import threading

sizes = collections.defaultdict(int)


def measure(words):
    for word in words:
        sizes[len(word)] += 1


threads = [
    threading.Thread(target=measure, args=(each,))
    for each in (["a", "bc"], ["d", "ef"], ["g", "hi"])
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(dict(sizes))
