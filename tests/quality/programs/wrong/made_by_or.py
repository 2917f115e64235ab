# FINDS: atomicity-violation on handlers
# `or` looks and makes: both find nothing, and the second list replaces the first.
import threading

handlers = None


def add(handler):
    global handlers
    handlers = handlers or []
    handlers.append(handler)


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(handlers))
