# CLEAN: both functions hold `inner`, whatever else they hold
import threading

outer = threading.Lock()
inner = threading.Lock()
total = 0


def up():
    global total
    with outer, inner:
        total += 2


def down():
    global total
    with inner:
        total -= 1


threads = [threading.Thread(target=function) for function in (up, down, up)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 3
