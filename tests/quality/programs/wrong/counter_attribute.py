# FINDS: lost-update on visits
# Both read the same number, and both store it plus one.
import threading


class Page:
    def __init__(self):
        self.visits = 0

    def visit(self):
        self.visits += 1


page = Page()


def work():
    for _ in range(2):
        page.visit()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(page.visits)
