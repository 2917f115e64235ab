# FINDS: lost-update on made
# type(self) is the class that all instances share.
import threading


class Part:
    made = 0

    def __init__(self):
        type(self).made += 1


def work():
    Part()
    Part()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Part.made)
