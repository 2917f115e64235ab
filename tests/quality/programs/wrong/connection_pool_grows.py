# FINDS: atomicity-violation on made, free
# Both find that one more may be made, and both make one.
import threading


class Pool:
    def __init__(self):
        self.free = []
        self.made = 0

    def take(self):
        try:
            return self.free.pop()
        except IndexError:
            pass
        if self.made < 1:
            connection = object()
            self.made = 1
            return connection
        return None


pool = Pool()
taken = []


def work():
    taken.append(pool.take())


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(each is not None for each in taken))
