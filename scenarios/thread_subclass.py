"""A subclass of Thread with its own run().

Look for: the same events as in thread.py, under the subclass's thread names.
"""

import threading
import time


class Runner(threading.Thread):
    def __init__(self, number, pace):
        super().__init__(name=f"runner-{number}")
        self.pace = pace

    def run(self):
        time.sleep(self.pace)
        print(f"{self.name} has arrived")


runners = [Runner(number, pace) for number, pace in enumerate((0.15, 0.05, 0.1), 1)]
for runner in runners:
    runner.start()
print("they are off")
