"""Two processes take two locks in opposite orders, and wait for each other."""

import multiprocessing


def work(first, second, mine, other):
    with first:
        mine.release()
        other.acquire()
        with second:
            print("never")


if __name__ == "__main__":
    one, two = multiprocessing.Lock(), multiprocessing.Lock()
    left, right = multiprocessing.Semaphore(0), multiprocessing.Semaphore(0)
    processes = [
        multiprocessing.Process(target=work, args=(one, two, left, right)),
        multiprocessing.Process(target=work, args=(two, one, right, left)),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
