# FAILS: IndexError
# An `if` where a `while` is needed: who is woken may find that another has taken the item.
import threading

condition = threading.Condition()
items = []


def take():
    with condition:
        if not items:
            condition.wait()
        items.pop()


def put():
    with condition:
        items.append(1)
        condition.notify()


threads = [threading.Thread(target=work) for work in (take, put, take, put)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
