"""A flag that is only ever set to False ends the loop."""

import threading
import time


class W(threading.Thread):
    def __init__(self):
        super().__init__()
        self.running = True
        self.n = 0

    def run(self):
        while self.running:
            self.n += 1
            time.sleep(0.001)


w = W()
w.start()
time.sleep(0.05)
w.running = False
w.join()
print(w.n > 0)
