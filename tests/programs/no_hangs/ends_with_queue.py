"""Items are taken before the process is joined."""

import multiprocessing


def produce(results):
    for _ in range(8):
        results.put(b"x" * 65536)


if __name__ == "__main__":
    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=produce, args=(results,))
    process.start()
    print(len([results.get() for _ in range(8)]))
    process.join()
