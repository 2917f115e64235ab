# CLEAN: a connection belongs to who took it until it is given back
import contextlib
import queue
import threading


class Connection:
    def __init__(self):
        self.queries = 0

    def query(self):
        self.queries += 1


class Pool:
    def __init__(self, size):
        self.free = queue.Queue()
        self.all = [Connection() for _ in range(size)]
        for connection in self.all:
            self.free.put(connection)

    @contextlib.contextmanager
    def connection(self):
        connection = self.free.get()
        try:
            yield connection
        finally:
            self.free.put(connection)


pool = Pool(2)


def work():
    with pool.connection() as connection:
        connection.query()


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(connection.queries for connection in pool.all) == 4
