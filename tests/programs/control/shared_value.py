"""Processes count together, without a lock."""

import multiprocessing
import sys


def work(value):
    for _ in range(5):
        value.value += 1


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    value = context.Value("i", 0, lock=False)
    processes = [context.Process(target=work, args=(value,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print(value.value)
