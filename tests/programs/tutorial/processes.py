"""A process made with a target, and one of a class of its own."""

import multiprocessing
import sys

total = 0


def work(number):
    global total
    total += number
    print("work", number, total)


class Worker(multiprocessing.Process):
    def run(self):
        print("run of", self.name)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1] if sys.argv[1:] else "fork")
    process = multiprocessing.Process(target=work, args=(5,))
    process.start()
    process.join()
    worker = Worker(name="worker")
    worker.start()
    worker.join()
    print("total", total, process.exitcode, worker.exitcode)
