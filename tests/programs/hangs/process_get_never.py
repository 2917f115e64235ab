"""A process waits for more than it is sent."""

import multiprocessing


def consume(items):
    while items.get() is not None:
        pass


if __name__ == "__main__":
    items = multiprocessing.Queue()
    process = multiprocessing.Process(target=consume, args=(items,), name="consumer")
    process.start()
    items.put(1)
    process.join()
