# FINDS: atomicity-violation on state
# Both find it idle, and both start it.
import threading


class Motor:
    def __init__(self):
        self.state = "idle"
        self.starts = []

    def start(self):
        if self.state == "idle":
            self.state = "running"
            self.starts.append(1)


motor = Motor()

threads = [threading.Thread(target=motor.start) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(motor.starts))
