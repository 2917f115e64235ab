# CLEAN: each fills or reads the page only while the flag says that it is its turn
import threading

full = False
page = []
changed = threading.Condition()
read = []


def write():
    global full
    for number in range(3):
        with changed:
            while full:
                changed.wait()
        page.clear()
        page.extend([number, number])
        with changed:
            full = True
            changed.notify_all()


def take():
    global full
    for _ in range(3):
        with changed:
            while not full:
                changed.wait()
        for number in page:
            read.append(number)
        with changed:
            full = False
            changed.notify_all()


threads = [threading.Thread(target=function) for function in (write, take)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert read == [0, 0, 1, 1, 2, 2]
