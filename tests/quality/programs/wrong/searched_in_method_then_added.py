# FINDS: atomicity-violation on entries
# find and add have the lock, each for itself: both find nothing, and both add.
import threading


class Book:
    def __init__(self):
        self.entries = []
        self.lock = threading.Lock()

    def find(self, name):
        with self.lock:
            for entry in self.entries:
                if entry == name:
                    return entry
            return None

    def add(self, name):
        with self.lock:
            self.entries.append(name)


book = Book()


def ensure(name):
    if book.find(name) is None:
        book.add(name)


threads = [threading.Thread(target=ensure, args=("bob",)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(book.entries)
