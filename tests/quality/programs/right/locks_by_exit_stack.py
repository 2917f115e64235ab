# CLEAN: the stack holds both locks until it is closed
import contextlib
import threading

locks = [threading.Lock(), threading.Lock()]
cells = [0, 0]


def work():
    with contextlib.ExitStack() as stack:
        for lock in locks:
            stack.enter_context(lock)
        cells[0] += 1
        cells[1] += cells[0]


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert cells == [2, 3]
