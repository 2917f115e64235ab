"""A property that makes its value at the first look, with no lock around the look."""

import threading


class Report:
    @property
    def lines(self):
        if not hasattr(self, "_lines"):
            self._lines = []
        return self._lines


report = Report()


def work():
    report.lines


threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
