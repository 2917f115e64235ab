# FINDS: lost-update on cells
# `+=` of an item of an Array reads and stores.
import multiprocessing


def work(cells):
    cells[1] += 1
    cells[1] += 1


if __name__ == "__main__":
    cells = multiprocessing.Array("i", 3)
    workers = [multiprocessing.Process(target=work, args=(cells,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(cells[:])
