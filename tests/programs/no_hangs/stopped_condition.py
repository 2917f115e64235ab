"""Readers and a writer that take turns by a Condition."""

import threading

changed = threading.Condition()
number = 0


def write():
    global number
    while True:
        with changed:
            changed.wait_for(lambda: number == 0)
            number = 1
            changed.notify_all()


def read():
    global number
    while True:
        with changed:
            changed.wait_for(lambda: number)
            number = 0
            changed.notify_all()


threads = [threading.Thread(target=work, daemon=True) for work in (write, read)]
for thread in threads:
    thread.start()
threads[0].join()
