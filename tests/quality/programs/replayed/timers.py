# REPLAYS: timers that fire, or are cancelled about when they would
import threading
import time

out = []
timers = [threading.Timer(0.003, out.append, (k,)) for k in range(10)]
for timer in timers:
    timer.start()
time.sleep(0.002)
for timer in timers[::2]:
    timer.cancel()
for timer in timers:
    timer.join()
print(out)
