# FINDS: atomicity-violation on tray
# Two cooks wait for room for one plate; both are woken, and both put one.
import threading

tray = ["plate"]
changed = threading.Condition()


def cook():
    with changed:
        if len(tray) >= 1:
            changed.wait(1)
        tray.append("plate")


def waiter():
    with changed:
        tray.clear()
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (cook, cook, waiter)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(tray))
