# FINDS: lost-update on state
# A new tuple is made of the old one; another's is lost.
import threading
from collections import namedtuple

State = namedtuple("State", "up down")
state = State(0, 0)


def work():
    global state
    state = state._replace(up=state.up + 1)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(state)
