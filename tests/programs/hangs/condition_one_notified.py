"""Two wait, and one is notified."""

import threading


class Gate:
    def __init__(self):
        self.cond = threading.Condition()
        self.open = False
        self.waiting = threading.Semaphore(0)

    def pass_through(self):
        with self.cond:
            self.waiting.release()
            while not self.open:
                self.cond.wait()


gate = Gate()
crew = [threading.Thread(target=gate.pass_through, name=name) for name in ("ann", "bob")]
for one in crew:
    one.start()
for _ in crew:
    gate.waiting.acquire()
with gate.cond:
    gate.open = True
    gate.cond.notify()
for one in crew:
    one.join()
