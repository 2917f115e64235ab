# CLEAN: writers copy and swap under the lock; readers use the dict that they have read
import threading

lock = threading.Lock()
routes = {"/": "home"}


def add(path):
    global routes
    with lock:
        changed = dict(routes)
        changed[path] = path
        routes = changed


def find():
    now = routes
    assert now["/"] == "home"
    assert len(now) >= 1


threads = [
    threading.Thread(target=function)
    for function in (lambda: add("/a"), find, lambda: add("/b"), find)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(routes) == 3
