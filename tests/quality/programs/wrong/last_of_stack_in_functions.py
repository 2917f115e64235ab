# FINDS: atomicity-violation on stack
# top() and drop() are functions with the lock, and two steps.
import threading

lock = threading.Lock()
stack = ["a", "b", "c"]
used = []


def top():
    with lock:
        return stack[-1]


def drop():
    with lock:
        stack.pop()


def use():
    used.append(top())
    drop()


threads = [threading.Thread(target=use) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(used, stack)
