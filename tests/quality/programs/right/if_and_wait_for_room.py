# CLEAN: wait_for() looks again each time that it was woken
import threading

tray = ["plate"]
changed = threading.Condition()


def cook():
    with changed:
        if len(tray) >= 1:
            changed.wait_for(lambda: len(tray) < 1)
        tray.append("plate")
        changed.notify_all()


def waiter():
    for _ in range(2):
        with changed:
            changed.wait_for(lambda: len(tray) > 0)
            tray.pop()
            changed.notify_all()


threads = [threading.Thread(target=function) for function in (cook, cook, waiter)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert tray == ["plate"]
