# FINDS: atomicity-violation on door
# Both see the door locked, and both unlock it: the second fails.
import threading

door = threading.Lock()
door.acquire()


def unlock():
    if door.locked():
        door.release()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=unlock) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
