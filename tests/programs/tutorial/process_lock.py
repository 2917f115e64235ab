"""Ten processes take one lock each to print; nobody joins them."""

import multiprocessing
import sys

context = multiprocessing.get_context(sys.argv[1] if sys.argv[1:] else "fork")


def hello(lock, number):
    with lock:
        print("hello", number, flush=True)


if __name__ == "__main__":
    lock = context.Lock()
    processes = [context.Process(target=hello, args=(lock, number)) for number in range(10)]
    for process in processes:
        process.start()
