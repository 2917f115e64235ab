# FINDS: atomicity-violation on slots
# Both see the free place; the second put_nowait kills its thread.
import queue
import threading

slots = queue.Queue(1)


def work(number):
    if not slots.full():
        slots.put_nowait(number)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(slots.qsize())
