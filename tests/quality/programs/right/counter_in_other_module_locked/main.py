# CLEAN: the other module changes its number under its own lock
import threading

import shared

threads = [threading.Thread(target=shared.increase) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert shared.count == 3
