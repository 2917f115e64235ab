# FINDS: lost-update | atomicity-violation on counts
# Both read the same number with get, and both store it plus one.
import threading

counts = {}


def count(words):
    for word in words:
        counts[word] = counts.get(word, 0) + 1


threads = [threading.Thread(target=count, args=(each,)) for each in ("ab", "ba", "ab")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
