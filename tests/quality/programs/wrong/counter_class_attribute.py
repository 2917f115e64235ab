# FINDS: lost-update on made
# Both read the same number, and both store it plus one.
import threading


class Widget:
    made = 0

    def __init__(self):
        Widget.made += 1


def work():
    for _ in range(2):
        Widget()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Widget.made)
