# FINDS: atomicity-violation on session
# Each takes the lock of the statistics on its way, which orders the looks in this run only.
import threading

stats_lock = threading.Lock()
calls = 0
session = None


def open_session():
    global calls, session
    with stats_lock:
        calls += 1
    if session is None:
        session = object()
    with stats_lock:
        calls += 1


threads = [threading.Thread(target=open_session) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(calls)
