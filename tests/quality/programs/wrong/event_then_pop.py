# FINDS: atomicity-violation on mail
# The event says that there is mail; two readers are let in, and one letter is there.
import threading

mail = []
arrived = threading.Event()


def read():
    arrived.wait()
    if mail:
        mail.pop()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=read) for _ in range(2)]
for thread in threads:
    thread.start()
mail.append("letter")
arrived.set()
for thread in threads:
    thread.join()
