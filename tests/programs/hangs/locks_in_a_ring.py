"""Three philosophers, each with one fork."""

import threading

forks = [threading.Lock() for _ in range(3)]
table = threading.Barrier(3)


def eat(place):
    with forks[place]:
        table.wait()
        with forks[(place + 1) % 3]:
            pass


philosophers = [threading.Thread(target=eat, args=(n,), name=f"phil{n}") for n in range(3)]
for one in philosophers:
    one.start()
for one in philosophers:
    one.join()
