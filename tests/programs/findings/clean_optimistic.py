"""Optimistic locking: what was computed outside the lock is kept if the version is still the same."""

import threading

version = value = 0
lock = threading.Lock()


class Document:
    def __init__(self):
        self.version = 0
        self.text = ""
        self.lock = threading.Lock()

    def read(self):
        with self.lock:
            return self.version, self.text

    def write(self, version, text):
        with self.lock:
            if version != self.version:
                return False
            self.text = text
            self.version = version + 1
            return True


document = Document()


def work(amount):
    global version, value
    done = False
    while not done:
        with lock:
            seen, old = version, value
        new = old + amount
        with lock:
            if version == seen:
                value = new
                version = seen + 1
                done = True
    done = False
    while not done:
        seen, text = document.read()
        done = document.write(seen, text + "x")


threads = [threading.Thread(target=work, args=(amount,)) for amount in (1, 2, 3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
