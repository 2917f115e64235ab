# CLEAN: the turn is looked at, used and passed on under one lock
import threading

changed = threading.Condition()
turn = "ping"
log = []


def player(me, other):
    global turn
    for _ in range(2):
        with changed:
            while turn != me:
                changed.wait()
            log.append(me)
            turn = other
            changed.notify_all()


threads = [
    threading.Thread(target=function)
    for function in (lambda: player("ping", "pong"), lambda: player("pong", "ping"))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert log == ["ping", "pong"] * 2
