# FINDS: atomicity-violation on running
# Both find no run under way, and both begin one.
import threading


class Scheduler:
    def __init__(self):
        self.running = None
        self.runs = 0

    def trigger(self):
        if self.running is not None:
            return
        self.running = threading.current_thread()
        self.runs += 1
        self.running = None


scheduler = Scheduler()

threads = [threading.Thread(target=scheduler.trigger) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(scheduler.runs)
