# CLEAN: only whose turn it is passes it on
import threading

turn = 0
changed = threading.Condition()
order = []


def play(me):
    global turn
    for _ in range(2):
        with changed:
            while turn != me:
                changed.wait()
        order.append(me)
        turn = (me + 1) % 3
        with changed:
            changed.notify_all()


threads = [threading.Thread(target=play, args=(each,)) for each in (0, 1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert order == [0, 1, 2, 0, 1, 2]
