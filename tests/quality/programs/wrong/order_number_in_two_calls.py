# FINDS: lost-update on last
# peek and advance are each under the lock; two orders get the same number.
import threading


class Numbers:
    def __init__(self):
        self.last = 0
        self.lock = threading.Lock()

    def peek(self):
        with self.lock:
            return self.last + 1

    def advance(self, number):
        with self.lock:
            self.last = number


numbers = Numbers()
orders = []


def order():
    number = numbers.peek()
    numbers.advance(number)
    orders.append(number)


threads = [threading.Thread(target=order) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(orders))
