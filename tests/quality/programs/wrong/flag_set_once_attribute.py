# FINDS: atomicity-violation on open
# Both find it closed, and both open it and count.
import threading


class Door:
    def __init__(self):
        self.open = False
        self.bells = []


door = Door()


def enter():
    if door.open:
        return
    door.open = True
    door.bells.append(1)


threads = [threading.Thread(target=enter) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(door.bells))
