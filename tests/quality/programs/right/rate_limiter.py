# CLEAN: who finds no allowance under the lock is refused
import threading


class Limiter:
    def __init__(self, allowance):
        self.allowance = allowance
        self.lock = threading.Lock()

    def allow(self):
        with self.lock:
            if self.allowance == 0:
                return False
            self.allowance -= 1
            return True


limiter = Limiter(2)
answers = []


def ask():
    answers.append(limiter.allow())


threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert answers.count(True) == 2
