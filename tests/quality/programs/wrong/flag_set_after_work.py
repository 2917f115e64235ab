# FINDS: atomicity-violation on loaded
# The flag is set when the work is done: who comes meanwhile does it once more.
import threading

loaded = False
rows = []


def load():
    global loaded
    if not loaded:
        rows.append("row 1")
        rows.append("row 2")
        loaded = True


threads = [threading.Thread(target=load) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(rows))
