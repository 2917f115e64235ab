"""A traffic light sets and clears an Event; three cars poll it. It ends only by a signal.

Run it as `trace run --timeout 2 scenarios/traffic_light.py`, or press Ctrl-C.
Look for: the trace is whole although the program never ended by itself; `is_set` of a car that
sees green has an arrow in the graph from the `set`.
"""

import random
import threading
import time

green = threading.Event()


def light():
    while True:
        green.set()
        time.sleep(0.2)
        green.clear()
        time.sleep(0.2)


def car(name):
    while True:
        time.sleep(random.uniform(0.05, 0.15))
        print(name, "drives" if green.is_set() else "stops")


threading.Thread(target=light, name="light", daemon=True).start()
for name in ("red-car", "blue-car", "van"):
    threading.Thread(target=car, args=(name,), name=name, daemon=True).start()
while True:
    time.sleep(0.5)
