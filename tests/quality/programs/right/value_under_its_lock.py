# CLEAN: get_lock() is held from the read to the store
import multiprocessing


def work(total):
    for _ in range(2):
        with total.get_lock():
            total.value += 1


if __name__ == "__main__":
    total = multiprocessing.Value("i", 0)
    workers = [multiprocessing.Process(target=work, args=(total,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert total.value == 4
