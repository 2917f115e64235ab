# FINDS: lost-update on total
# is_set() is asked once, for a message; the change is done either way.
import threading

ready = threading.Event()
total = 0
said = []


def first():
    global total
    total += 1
    ready.set()


def second():
    global total
    said.append(ready.is_set())
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, said)
