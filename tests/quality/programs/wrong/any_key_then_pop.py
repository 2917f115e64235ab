# FINDS: atomicity-violation on idle
# Both take the same first key; the second pop raises KeyError.
import threading

idle = {"w1": 1, "w2": 1}
failed = []


def take():
    name = next(iter(idle))
    try:
        idle.pop(name)
    except KeyError:
        failed.append(name)


threads = [threading.Thread(target=take) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
