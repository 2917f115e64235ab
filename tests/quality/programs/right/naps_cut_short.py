# CLEAN: the naps end by themselves; the notify only cuts one short
import threading

stop = False
changed = threading.Condition()
done = []


def work():
    for job in range(3):
        done.append(job)
        if not stop:
            with changed:
                changed.wait(0.01)


def end():
    global stop
    stop = True
    with changed:
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (work, end)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == [0, 1, 2]
