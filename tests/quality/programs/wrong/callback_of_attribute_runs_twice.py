# FINDS: atomicity-violation on fired
# Both find it False, and what was handed over runs twice.
import threading


class Alarm:
    def __init__(self, callback):
        self.callback = callback
        self.fired = False

    def fire(self):
        if not self.fired:
            self.fired = True
            self.callback()


rung = []
alarm = Alarm(lambda: rung.append("ring"))

threads = [threading.Thread(target=alarm.fire) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(rung))
