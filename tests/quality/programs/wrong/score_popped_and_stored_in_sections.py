# FINDS: lost-update | atomicity-violation on scores
# Each step has the lock, but not both together.
import threading

lock = threading.Lock()
scores = {"ann": 5}


def win(points):
    with lock:
        score = scores.pop("ann", 0)
    with lock:
        scores["ann"] = score + points


threads = [threading.Thread(target=win, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(scores)
