# CLEAN: only the thread whose turn it is changes the list, and passes the turn on under the lock
import threading

changed = threading.Condition()
turn = 0
said = []


def speak(me):
    global turn
    for _ in range(2):
        with changed:
            while turn != me:
                changed.wait()
        said.append(me)
        with changed:
            turn = (turn + 1) % 3
            changed.notify_all()


threads = [threading.Thread(target=speak, args=(each,)) for each in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert said == [0, 1, 2, 0, 1, 2]
