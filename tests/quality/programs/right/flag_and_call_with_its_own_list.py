# CLEAN: both may look first; what they call then changes a list of its own
import threading

ready = False


def squares():
    mine = []
    for number in range(3):
        mine.append(number * number)
    return sum(mine)


def prepare(function):
    global ready
    if not ready:
        ready = True
        assert function() == 5


threads = [threading.Thread(target=prepare, args=(squares,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert ready
