# CLEAN: each shuffles a copy of its own
import random
import threading

cards = tuple(range(6))
hands = []


def shuffle():
    mine = list(cards)
    random.shuffle(mine)
    hands.append(mine)


threads = [threading.Thread(target=shuffle) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert all(sorted(hand) == list(cards) for hand in hands)
