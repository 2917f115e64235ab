"""Two guests, one knife and one fork: each takes one and waits for the other's.

Look for: the circle of who holds what and waits for what. Both are daemon threads, so that the
program can end; `trace run --seed 1` would end it at once, and say why.
"""

import threading

knife, fork = threading.Lock(), threading.Lock()
both_have_one = threading.Barrier(2)


def dine(first, second):
    with first:
        both_have_one.wait()
        with second:
            print(threading.current_thread().name, "eats")


guests = [
    threading.Thread(target=dine, name=name, args=tools, daemon=True)
    for name, tools in (("left", (knife, fork)), ("right", (fork, knife)))
]
for guest in guests:
    guest.start()
for guest in guests:
    guest.join(timeout=0.2)
print("the dinner is cold")
