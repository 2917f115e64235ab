# FINDS: atomicity-violation on closed
# close() may come when is_open() has answered, and before the wait.
import threading


class Channel:
    def __init__(self):
        self.changed = threading.Condition()
        self.closed = False

    def is_open(self):
        with self.changed:
            return not self.closed

    def wait_for_close(self):
        if self.is_open():
            with self.changed:
                self.changed.wait(0.05)

    def close(self):
        with self.changed:
            self.closed = True
            self.changed.notify_all()


channel = Channel()

threads = [
    threading.Thread(target=function) for function in (channel.wait_for_close, channel.close)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(channel.closed)
