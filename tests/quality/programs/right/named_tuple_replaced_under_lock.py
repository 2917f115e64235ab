# CLEAN: the new tuple is made and stored under the lock; readers have the one that they read
import threading
from collections import namedtuple

State = namedtuple("State", "up down")
state = State(0, 0)
lock = threading.Lock()


def work():
    global state
    with lock:
        state = state._replace(up=state.up + 1, down=state.down - 1)


def look():
    now = state
    assert now.up + now.down == 0


threads = [threading.Thread(target=function) for function in (work, look, work, look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert state == (2, -2)
