# FINDS: atomicity-violation on slots
# Both see the last slot free; the second one waits, though it was to be turned away.
import threading

slots = threading.Semaphore(1)
turned_away = []


def visit():
    if slots._value == 0:
        turned_away.append(1)
        return
    slots.acquire()
    slots.release()


threads = [threading.Thread(target=visit) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(turned_away))
