# CLEAN: each process has a copy of the global of its own
import multiprocessing

count = 0


def work():
    global count
    for _ in range(3):
        count += 1
    assert count == 3


if __name__ == "__main__":
    workers = [multiprocessing.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    count += 1
    for worker in workers:
        worker.join()
    assert count == 1 and all(worker.exitcode == 0 for worker in workers)
