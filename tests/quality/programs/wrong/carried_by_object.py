# FINDS: lost-update on count
# The number is carried in an object of the thread's own from one critical section to the next.
import threading


class Draft:
    def __init__(self, number):
        self.number = number


lock = threading.Lock()
count = 0


def work():
    global count
    with lock:
        draft = Draft(count)
    draft.number += 1
    with lock:
        count = draft.number


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)
