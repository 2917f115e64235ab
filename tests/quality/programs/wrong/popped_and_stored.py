# FINDS: lost-update | atomicity-violation on levels
# The level is taken out, and put back changed: who comes meanwhile begins with 0.
import threading

levels = {"ann": 5}


def level_up():
    level = levels.pop("ann", 0)
    levels["ann"] = level + 1


threads = [threading.Thread(target=level_up) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(levels)
