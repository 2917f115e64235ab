# CLEAN: the processes put their results; only the parent adds them up
import multiprocessing


def work(results, number):
    results.put(number * number)


if __name__ == "__main__":
    results = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(results, n)) for n in (2, 3)]
    for worker in workers:
        worker.start()
    total = sum(results.get() for _ in workers)
    for worker in workers:
        worker.join()
    assert total == 13
