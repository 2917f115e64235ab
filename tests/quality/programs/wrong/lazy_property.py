# FINDS: atomicity-violation on _rows
# Both find nothing computed, and both compute; who holds the first list loses what is put in.
import threading


class Table:
    def __init__(self):
        self._rows = None

    @property
    def rows(self):
        if self._rows is None:
            self._rows = []
        return self._rows


table = Table()


def work():
    table.rows.append(1)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(table.rows))
