# CLEAN: no two threads have the same key
import threading

votes = {"red": 0, "blue": 0, "green": 0}


def count(colour):
    for _ in range(3):
        votes[colour] += 1


threads = [threading.Thread(target=count, args=(each,)) for each in ("red", "blue", "green")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert votes == {"red": 3, "blue": 3, "green": 3}
