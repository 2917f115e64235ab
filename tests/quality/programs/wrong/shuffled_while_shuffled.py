# FINDS: atomicity-violation | data-race | lost-update on cards
# Each shuffle swaps item by item: two at a time double some cards and lose others.
import random
import threading

cards = list(range(6))


def shuffle():
    random.shuffle(cards)


threads = [threading.Thread(target=shuffle) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(cards))
