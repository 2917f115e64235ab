"""A process cannot end before what it has put is taken, and is joined first."""

import multiprocessing


def produce(results):
    for _ in range(64):
        results.put(b"x" * 65536)


if __name__ == "__main__":
    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=produce, args=(results,), name="producer")
    process.start()
    process.join()
    print(len([results.get() for _ in range(64)]))
