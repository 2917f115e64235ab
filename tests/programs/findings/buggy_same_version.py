"""The version is looked at again, but nobody changes it."""

import threading

version = 1
value = 0
lock = threading.Lock()


def work(amount):
    global value
    with lock:
        seen, old = version, value
    with lock:
        if version == seen:
            value = old + amount


def upgrade():
    global version
    version = 2


threads = [threading.Thread(target=work, args=(amount,)) for amount in (1, 2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
upgrade()
