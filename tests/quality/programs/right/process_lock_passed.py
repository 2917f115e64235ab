# CLEAN: all processes are given one lock
import multiprocessing


def work(lock, cells):
    with lock:
        cells[0] += 1
        cells[1] -= 1


if __name__ == "__main__":
    lock = multiprocessing.Lock()
    cells = multiprocessing.Array("i", 2, lock=False)
    workers = [multiprocessing.Process(target=work, args=(lock, cells)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert cells[:] == [2, -2]
