# FINDS: lost-update on ticks
# That one timer goes off later than the other orders nothing.
import threading

ticks = 0


def tick():
    global ticks
    ticks += 1


timers = [threading.Timer(0.001 * n, tick) for n in range(1, 4)]
for timer in timers:
    timer.start()
for timer in timers:
    timer.join()
print(ticks)
