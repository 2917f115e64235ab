# CLEAN: who was woken looks again, under the lock of the act
import threading

tray = ["plate"]
changed = threading.Condition()


def cook():
    with changed:
        while len(tray) >= 1:
            changed.wait()
        tray.append("plate")
        changed.notify_all()


def waiter():
    for _ in range(2):
        with changed:
            while not tray:
                changed.wait()
            tray.pop()
            changed.notify_all()


threads = [threading.Thread(target=function) for function in (cook, cook, waiter)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert tray == ["plate"]
