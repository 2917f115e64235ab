"""Processes count together, with the value's own lock."""

import multiprocessing
import sys
import time


def work(value):
    for _ in range(10):
        with value.get_lock():
            taken = value.value
            time.sleep(1)
            value.value = taken + 1


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    value = context.Value("i", 0)
    processes = [context.Process(target=work, args=(value,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print(value.value)
