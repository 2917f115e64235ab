# CLEAN: everybody only reads
import threading

words = ["one", "two", "three"]
lengths = []


def measure():
    lengths.append(sum(len(word) for word in words))


threads = [threading.Thread(target=measure) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert lengths == [11, 11, 11]
