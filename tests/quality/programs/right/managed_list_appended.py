# CLEAN: append is one call of the manager, and the order does not matter
import multiprocessing


def work(found, number):
    found.append(number)


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        found = manager.list()
        workers = [multiprocessing.Process(target=work, args=(found, n)) for n in (1, 2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(found) == [1, 2]
