# FINDS: atomicity-violation on holder
# Each waits until nobody holds it, lets the lock go, and takes it then.
import threading


class Tool:
    def __init__(self):
        self.changed = threading.Condition()
        self.holder = None
        self.users = []

    def use(self, name):
        with self.changed:
            while self.holder is not None:
                self.changed.wait(1)
        self.holder = name
        self.users.append(name)
        with self.changed:
            self.holder = None
            self.changed.notify_all()


tool = Tool()

threads = [threading.Thread(target=tool.use, args=(each,)) for each in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tool.users)
