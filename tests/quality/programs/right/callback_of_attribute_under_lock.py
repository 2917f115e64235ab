# CLEAN: the look and the store are under one lock; what was handed over runs once
import threading


class Alarm:
    def __init__(self, callback):
        self.callback = callback
        self.lock = threading.Lock()
        self.fired = False

    def fire(self):
        with self.lock:
            if self.fired:
                return
            self.fired = True
        self.callback()


rung = []
alarm = Alarm(lambda: rung.append("ring"))

threads = [threading.Thread(target=alarm.fire) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert rung == ["ring"]
