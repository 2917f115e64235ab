# FINDS: atomicity-violation on closed
# Both find it open, and the handler runs twice.
import threading

closed = False
counts = {"closed": 0}


def count(name):
    counts[name] += 1


handlers = {"close": count}


def close():
    global closed
    if closed:
        return
    closed = True
    handlers["close"]("closed")


threads = [threading.Thread(target=close) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
