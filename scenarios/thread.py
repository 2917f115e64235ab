"""A thread made with Thread(target=…): main ends first, and the interpreter waits.

Look for: main's `start`, the thread's `begin`, `sleep` and `end`, and that main's last print comes
while the thread still sleeps.
"""

import threading
import time


def brew(drink, seconds):
    print(f"the {drink} is on")
    time.sleep(seconds)
    print(f"the {drink} is ready")


threading.Thread(target=brew, args=("coffee", 0.3), name="kettle").start()
print("main is done; the interpreter waits for the kettle")
