# FINDS: atomicity-violation | lost-update on best
# A worse offer is stored over a better one that came after the look.
import threading

best = 0


def offer(value):
    global best
    if value > best:
        best = value


threads = [threading.Thread(target=offer, args=(each,)) for each in (5, 9, 7)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(best)
