# CLEAN: nobody else fills the tray, so there is room once it was emptied
import threading

tray = ["plate"]
changed = threading.Condition()


def cook():
    with changed:
        if len(tray) >= 1:
            changed.wait()
        tray.append("soup")


def waiter():
    with changed:
        tray.clear()
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (cook, waiter)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert tray == ["soup"]
