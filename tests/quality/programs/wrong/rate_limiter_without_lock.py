# FINDS: atomicity-violation | lost-update on allowance
# Both see the last allowance, and both use it.
import threading


class Limiter:
    def __init__(self, allowance):
        self.allowance = allowance

    def allow(self):
        if self.allowance == 0:
            return False
        self.allowance -= 1
        return True


limiter = Limiter(1)
answers = []


def ask():
    answers.append(limiter.allow())


threads = [threading.Thread(target=ask) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(answers)
