# FINDS: lost-update on total
# The wait may end in vain, and nobody looks.
import threading

condition = threading.Condition()
total = 0
begun = threading.Event()


def first():
    global total
    begun.wait()
    total += 1
    with condition:
        condition.notify()


def second():
    global total
    with condition:
        begun.set()
        condition.wait(1)
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
