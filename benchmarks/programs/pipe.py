"""Messages to another process, which sends each back."""

import multiprocessing
import time

from processor import used

ROUNDS = 5_000


def echo(end):
    while (message := end.recv()) is not None:
        end.send(message)


if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=echo, args=(there,))
    process.start()
    here.send(0)
    here.recv()
    start, before = time.perf_counter(), used()
    for i in range(ROUNDS):
        here.send(i)
        here.recv()
    print(time.perf_counter() - start, used() - before)
    here.send(None)
    process.join()
