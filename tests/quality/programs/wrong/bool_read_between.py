# FINDS: lost-update on total
# Whether the flag is set is only printed: nobody waits for it.
import threading

finished = False
total = 0
said = []


def first():
    global finished, total
    total += 1
    finished = True


def second():
    global total
    said.append("after" if finished else "before")
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, said)
