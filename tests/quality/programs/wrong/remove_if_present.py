# FINDS: atomicity-violation on online
# Both find ann, and the second remove raises ValueError.
import threading

online = ["ann", "bob"]
failed = []


def leave():
    if "ann" in online:
        try:
            online.remove("ann")
        except ValueError:
            failed.append(1)


threads = [threading.Thread(target=leave) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
