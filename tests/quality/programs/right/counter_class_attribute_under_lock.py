# CLEAN: the lock belongs to the class, as the number does
import threading


class Widget:
    made = 0
    lock = threading.Lock()

    def __init__(self):
        with Widget.lock:
            Widget.made += 1


def work():
    for _ in range(2):
        Widget()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert Widget.made == 4
