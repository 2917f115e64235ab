# FINDS: lost-update on total
# The lock belongs to the instance, the number to the class.
import threading


class Meter:
    total = 0

    def __init__(self):
        self.lock = threading.Lock()

    def add(self, amount):
        with self.lock:
            Meter.total += amount


def work():
    meter = Meter()
    meter.add(1)
    meter.add(2)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Meter.total)
