# CLEAN: the pause only delays; what the worker does is its own
import threading

paused = True
changed = threading.Condition()
done = []


def work():
    for number in range(3):
        with changed:
            while paused:
                changed.wait()
        done.append(number)


def steer():
    global paused
    for state in (False, True, False):
        with changed:
            paused = state
            changed.notify_all()


threads = [threading.Thread(target=function) for function in (work, steer)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == [0, 1, 2]
