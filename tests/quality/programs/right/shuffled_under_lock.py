# CLEAN: one shuffle at a time
import random
import threading

lock = threading.Lock()
cards = list(range(6))


def shuffle():
    with lock:
        random.shuffle(cards)


threads = [threading.Thread(target=shuffle) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(cards) == list(range(6))
