"""A daemon thread is killed when the program exits: its last print never comes.

Look for: the thread has no `end` event, and `trace show` says that it was killed at exit.
"""

import threading
import time


def night_watch():
    print("the watch begins")
    time.sleep(60)
    print("never printed")


watch = threading.Thread(target=night_watch, name="watch", daemon=True)
watch.start()
time.sleep(0.1)
print("main leaves")
