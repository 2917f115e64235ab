# CLEAN: each process changes a cell of its own
import multiprocessing


def work(cells, place):
    for _ in range(2):
        cells[place] += 1


if __name__ == "__main__":
    cells = multiprocessing.Array("i", 2)
    workers = [multiprocessing.Process(target=work, args=(cells, n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert cells[:] == [2, 2]
