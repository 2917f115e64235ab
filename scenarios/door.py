"""A door that opens on each card, and waits for the next one for ever.

Look for: each `set` of a member of staff and the `wait` of the door that it released. At the end,
`trace show` says which thread still waits, on what, and since when.
"""

import threading
import time

card = threading.Event()


def door():
    while True:
        card.wait()
        card.clear()
        print("the door opens and closes")


def staff():
    card.set()


threading.Thread(target=door, name="door", daemon=True).start()
for name in ("ada", "grace", "edsger"):
    person = threading.Thread(target=staff, name=name)
    person.start()
    person.join()
    time.sleep(0.05)
print("nobody comes any more")
