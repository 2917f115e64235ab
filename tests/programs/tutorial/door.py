import threading
import time

swipe = threading.Event()


def door():
    while True:
        swipe.wait()
        print("open")
        swipe.clear()


def staff(number):
    time.sleep(0.1 * number)
    swipe.set()


threading.Thread(target=door, name="door", daemon=True).start()
people = [threading.Thread(target=staff, args=(number,)) for number in (1, 2, 3)]
for person in people:
    person.start()
for person in people:
    person.join()
time.sleep(0.2)
