# FINDS: lost-update on best
# The old best is read, and the better of the two stored over what another stored meanwhile.
import threading

best = 0


def offer(value):
    global best
    best = max(best, value)


threads = [threading.Thread(target=offer, args=(each,)) for each in (3, 9, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(best)
