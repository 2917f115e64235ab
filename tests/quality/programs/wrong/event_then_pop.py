# FINDS: atomicity-violation on mail
# The event says that there is mail; two readers are let in, and one letter is there.
import threading

mail = []
arrived = threading.Event()
failed = []


def read():
    arrived.wait()
    if mail:
        try:
            mail.pop()
        except IndexError:
            failed.append(1)


threads = [threading.Thread(target=read) for _ in range(2)]
for thread in threads:
    thread.start()
mail.append("letter")
arrived.set()
for thread in threads:
    thread.join()
print(len(failed))
