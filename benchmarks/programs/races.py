"""`races.py NAME`: a race, many times over; prints how often it went wrong, and of how many.

CPython lets another thread run after 5 ms, or where one waits: so the rounds are long enough that
threads are switched in the middle of them.
"""

import os
import sys
import threading
import time

lock = threading.Lock()
number = 0
made = None
makings = []
items = []
failed = []
nowhere = os.open(os.devnull, os.O_WRONLY)


def both(function, *args):
    """Run the function in two threads that begin together."""
    start = threading.Barrier(2)

    def begin():
        start.wait()
        function(*args)

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lost(function, updates, rounds):
    """How many of the updates of two threads are lost, in all rounds."""
    global number
    missing = 0
    for _ in range(rounds):
        number = 0
        both(function, updates)
        missing += 2 * updates - number
    return missing, 2 * updates * rounds


def in_one_line(updates):
    global number
    for _ in range(updates):
        number += 1


def increased(value):
    return value + 1


def through_a_function(updates):
    global number
    for _ in range(updates):
        number = increased(number)


def in_two_sections(updates):
    global number
    for _ in range(updates):
        with lock:
            taken = number
        with lock:
            number = taken + 1


def around_a_write(updates):
    global number
    for _ in range(updates):
        taken = number
        os.write(nowhere, b"taken")
        number = taken + 1


def around_a_sleep(updates):
    global number
    for _ in range(updates):
        taken = number
        time.sleep(0.0001)
        number = taken + 1


def make():
    global made
    if made is None:
        time.sleep(0)
        makings.append(sum(range(1000)))
        made = makings


def made_twice(rounds):
    global made
    twice = 0
    for _ in range(rounds):
        made = None
        makings.clear()
        both(make)
        twice += len(makings) > 1
    return twice, rounds


def drain():
    try:
        while len(items) > 0:
            items.pop()
    except IndexError:
        failed.append(1)


def popped_from_empty(rounds):
    for _ in range(rounds):
        items.extend(range(50))
        both(drain)
    return len(failed), rounds


RACES = {
    "one line": lambda: lost(in_one_line, 100_000, 2),
    "function": lambda: lost(through_a_function, 100_000, 2),
    "sections": lambda: lost(in_two_sections, 20_000, 2),
    "write": lambda: lost(around_a_write, 1_000, 10),
    "sleep": lambda: lost(around_a_sleep, 100, 4),
    "made": lambda: made_twice(100),
    "popped": lambda: popped_from_empty(100),
}

print(*RACES[sys.argv[1]]())
