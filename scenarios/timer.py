"""Two Timers: one fires, one is cancelled in time.

Look for: `fire` in the first timer's thread, `cancel` by main and no `fire` in the other's.
"""

import threading


def alarm(name):
    print(f"{name}: ring")


egg = threading.Timer(0.2, alarm, args=("egg",))
cake = threading.Timer(30.0, alarm, args=("cake",))
egg.start()
cake.start()
cake.cancel()
egg.join()
print("the cake needs no alarm")
